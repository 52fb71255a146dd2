import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PinnedKey, renderKnownHosts } from './hostKeys.ts'
import type { PreparedHost } from './links.ts'
import { renderSshConfig, type SshTimes } from './sshConfig.ts'

/** ssh_config, known_hosts and private keys of one cluster on disk, 0600 in a 0700 folder. */
export interface SshFiles {
  readonly sshConfig: string
  writeKnownHosts(keys: readonly PinnedKey[]): Promise<void>
  remove(): Promise<void>
}

export async function writeSshFiles(
  directory: string,
  controlDirectory: string,
  hosts: readonly PreparedHost[],
  times: SshTimes,
): Promise<SshFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(directory, 'ssh-'))
  const sshConfig = join(folder, 'config')
  const knownHosts = join(folder, 'known_hosts')
  const keys = new Map<string, { path: string; text: string }>()
  for (const { alias, key } of hosts) {
    // The public half of an encrypted key tells the agent which key is meant.
    const text = key?.kind === 'usable' ? key.text : key?.kind === 'encrypted' ? key.publicKey : undefined
    if (text !== undefined && key?.kind !== 'invalid')
      keys.set(alias, {
        path: join(folder, `identity-${key?.fingerprint}`),
        text: text.endsWith('\n') ? text : `${text}\n`,
      })
  }
  const secret = { mode: 0o600 }
  await Promise.all(
    [...new Map([...keys.values()].map(key => [key.path, key.text]))].map(([path, text]) =>
      writeFile(path, text, secret),
    ),
  )
  const sockets = new Map(hosts.map(host => [host.alias, join(controlDirectory, host.socket)]))
  const paths = {
    knownHosts,
    identityFile: (alias: string) => keys.get(alias)?.path ?? 'none',
    controlPath: (alias: string) => sockets.get(alias) ?? 'none',
  }
  await writeFile(sshConfig, renderSshConfig(hosts, paths, times), secret)
  let writing = Promise.resolve()
  return {
    sshConfig,
    writeKnownHosts(pinned) {
      // One after the other, each whole: ssh and Ansible read the file at any moment.
      writing = writing.then(async () => {
        await writeFile(`${knownHosts}.new`, renderKnownHosts(pinned), secret)
        await rename(`${knownHosts}.new`, knownHosts)
      })
      return writing
    },
    async remove() {
      await writing.catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}
