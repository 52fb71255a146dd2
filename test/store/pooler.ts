import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startCompanion } from '../../src/processes/companion.ts'
import { databaseAccount } from '../../src/store/embedded/account.ts'
import { freePort } from '../freePort.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** PgBouncer before a server on 127.0.0.1; on a port of its own. */
export interface Pooler {
  /** The URL of a database of the server, through the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

export async function startPooler(
  server: number,
  mode: 'transaction' | 'session',
  settings: readonly string[] = [],
): Promise<Pooler> {
  const folder = temporaryFolder('pooler')
  const port = await freePort()
  await writeFile(join(folder, 'users'), '"slipway" ""\n')
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${server}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(folder, 'users')}`,
    `pool_mode = ${mode}`,
    ...settings,
  ]
  await writeFile(join(folder, 'settings'), `${lines.join('\n')}\n`)
  const ready = Promise.withResolvers<void>()
  let said = ''
  const pooler = await startCompanion('/usr/sbin/pgbouncer', [join(folder, 'settings')], {
    directory: folder,
    environment: {},
    before: databaseAccount().before,
    signalAtOurEnd: 'TERM',
    onStderr(text) {
      said += text
      if (said.includes('process up')) ready.resolve()
    },
  })
  void pooler.silent.then(() => ready.reject(new Error(`the pooler ended at its start: ${said}`)))
  await ready.promise
  return {
    through(url) {
      const through = new URL(url)
      through.port = String(port)
      return through.href
    },
    async stop() {
      pooler.signal('SIGTERM')
      await pooler.ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
