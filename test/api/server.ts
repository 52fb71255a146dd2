import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { dataFolder } from '../../src/api/access/home.ts'
import { openStore, type StoreLocation } from '../../src/store/openStore.ts'
import type { StagesOf } from '../../src/server/stages.ts'
import { startServer } from '../../src/server/startServer.ts'
import { folderStagesOf } from '../cli/folderStages.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { seedDatabase } from '../store/databaseTemplate.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  json(): unknown
}

export interface Api extends AsyncDisposable {
  readonly url: URL
  readonly token: string
  readonly world: string
  /** With the token, unless `headers` says otherwise; headers that are undefined are left out. */
  call(
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly raw?: string; readonly headers?: Record<string, string | undefined> },
  ): Promise<Answer>
}

/** A server in this process over machines that are folders; on a database of its own, or on one that it shares. */
export async function openApi(
  shared?: { readonly location: StoreLocation; readonly key: Buffer },
  stagesOf: StagesOf = folderStagesOf,
): Promise<Api> {
  const folder = temporaryFolder('api')
  const home = dataFolder({ SLIPWAY_HOME: join(folder, 'home') })
  const world = join(folder, 'world')
  await mkdir(world)
  process.env['SLIPWAY_TEST_WORLD'] = world
  if (shared) {
    await mkdir(home.path)
    await writeFile(home.keyFile, shared.key.toString('base64'))
  } else await seedDatabase(home.path, 'migrated')
  const server = await startServer({
    home,
    store: await openStore(shared?.location ?? { folder: home.path }),
    port: 0,
    worker: 'always',
    backups: 0,
    version: '0.0.0-test',
    log: { to: 'file', file: home.logFile },
    stagesOf,
  })
  const token = (await readFile(home.tokenFile, 'utf8')).trim()
  const url = new URL(server.url)
  return {
    url,
    token,
    world,
    call(method, path, { body, raw, headers = {} } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const all = {
        authorization: `Bearer ${token}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const asked = request(new URL(path, url), { method, headers: given, agent: false }, response => {
        text(response).then(
          answer =>
            resolve({
              status: response.statusCode ?? 0,
              type: (response.headers['content-type'] ?? '').split(';')[0] ?? '',
              body: answer,
              json: () => JSON.parse(answer),
            }),
          reject,
        )
      })
      asked.on('error', reject)
      asked.end(sent)
      return promise
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function tell(api: Api, hostname: string, what: string, content = ''): Promise<void> {
  await mkdir(join(api.world, hostname), { recursive: true })
  await writeFile(join(api.world, hostname, what), content)
}
