import { X509Certificate } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readCommand } from './local-server.ts'
import { log } from './log.ts'
import type { Paths } from './paths.ts'
import { noSuchVerb, showHelp } from './verbs.ts'

function leaves(paths: Paths): string[] {
  const files = [...globSync(`${paths.tls}/{,etcd/}*.crt`), ...globSync(`${paths.agent}/*.crt`)]
  return files.filter(file => !basename(file).endsWith('-ca.crt') && existsSync(file.replace(/\.crt$/, '.key')))
}

/**
 * `rke2 certificate rotate`: puts the leaf certificates aside, so that the next start issues new ones.
 * `rke2 certificate check`: one line a certificate, with its end.
 */
export async function certificateCommand(args: readonly string[]): Promise<void> {
  const [verb, ...rest] = args
  const { paths } = readCommand(rest, [['service', 'list']])
  switch (verb) {
    case 'rotate': {
      const backup = join(paths.server, `tls-${Math.floor(Date.now() / 1000)}`)
      if (existsSync(paths.tls)) await cp(paths.tls, backup, { recursive: true })
      for (const file of leaves(paths)) {
        await rm(file)
        await rm(file.replace(/\.crt$/, '.key'))
      }
      await writeFile(paths.forceRestart, '', { mode: 0o600 })
      log.info(
        `Successfully backed up certificates to ${backup}, please restart rke2 server or agent to rotate certificates`,
      )
      return
    }
    case 'check':
      for (const file of leaves(paths)) {
        const certificate = new X509Certificate(readFileSync(file))
        const state = new Date(certificate.validTo).getTime() > Date.now() ? 'OK' : 'EXPIRED'
        process.stdout.write(
          `${basename(file, '.crt')} ${certificate.subject.replace('\n', ',')} ${new Date(certificate.validTo).toISOString()} ${state}\n`,
        )
      }
      return
    default:
      if (verb === undefined) showHelp('certificate', ['check', 'rotate'])
      else noSuchVerb(verb)
  }
}
