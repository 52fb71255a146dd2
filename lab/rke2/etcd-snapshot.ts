import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { combine, parseArguments, reader } from './arguments.ts'
import { Refused } from './refusal.ts'
import { readConfiguration } from './configuration.ts'
import { type Kind, serverFlags } from './flags.ts'
import { log } from './log.ts'
import { pathsOf } from './paths.ts'
import { localNodeName } from './settings.ts'
import { pruneSnapshots, saveSnapshot, snapshotsIn } from './snapshot-files.ts'

const flags: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...serverFlags,
  ['name', 'text'],
  ['dir', 'text'],
  ['snapshot-retention', 'number'],
  ['snapshot-compress', 'switch'],
  ['s3', 'switch'],
  ['output', 'text'],
  ['o', 'text'],
])

/** `rke2 etcd-snapshot save | ls | list | prune | delete NAME…`. Throws Refused on anything else. */
export async function etcdSnapshot(args: readonly string[]): Promise<void> {
  const [verb = 'save', ...rest] = args[0]?.startsWith('-') === false ? args : ['save', ...args]
  const line = parseArguments(rest, flags)
  const file = line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const read = reader(combine(readConfiguration(file), line.values, flags).values)
  const paths = pathsOf(read.text('data-dir') ?? '/var/lib/rancher/rke2')
  const folder = read.text('dir') ?? read.text('etcd-snapshot-dir') ?? paths.snapshots
  const given = read.text('name') ?? read.text('etcd-snapshot-name')
  const node = localNodeName(read.text('node-name'))
  switch (verb) {
    case 'save': {
      if (read.switch('snapshot-compress') || read.switch('etcd-snapshot-compress')) {
        log.warn('the stand-in does not compress snapshots')
      }
      await saveSnapshot(paths, folder, `${given ?? 'on-demand'}-${node}`)
      if (read.switch('s3') || read.switch('etcd-s3'))
        throw new Error('failed to upload snapshot: the stand-in has no S3')
      return
    }
    case 'ls':
    case 'list': {
      const found = snapshotsIn(folder)
      if ((read.text('output') ?? read.text('o')) === 'json') {
        const items = found.map(({ name, path, size, created }) => ({
          name,
          location: `file://${path}`,
          size,
          created,
        }))
        process.stdout.write(`${JSON.stringify(items)}\n`)
        return
      }
      process.stdout.write('Name Location Size Created\n')
      for (const { name, path, size, created } of found) {
        process.stdout.write(`${name} file://${path} ${size} ${created.toISOString()}\n`)
      }
      return
    }
    case 'prune': {
      const retention = read.number('snapshot-retention', read.number('etcd-snapshot-retention', 5))
      await pruneSnapshots(folder, `${given ?? 'on-demand'}-${node}`, retention)
      return
    }
    case 'delete':
      for (const name of line.rest) {
        const path = join(folder, basename(name))
        if (!existsSync(path)) throw new Error(`snapshot ${name} not found`)
        await rm(path)
        log.info(`Snapshot ${name} deleted.`)
      }
      return
    default:
      throw new Refused(`No help topic for 'etcd-snapshot ${verb}'`)
  }
}
