import pg from 'pg'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/openStore.ts'
import { serverKind } from './databases.ts'
import { aCluster } from './fixtures.ts'
import { listClusters } from '../../src/store/clusters.ts'

const kind = serverKind()

it('a database that does not answer is said so at once', async () => {
  await expect(openStore({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

it.each(['sslrootcert', 'sslcert', 'sslkey'])(
  'a file that the URL names in %s and that is not there is said so',
  async parameter => {
    await expect(
      openStore({ url: `postgres://nobody:hunter2@127.0.0.1:1/none?${parameter}=/nowhere/file` }),
    ).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^(?!.*hunter2).*\/nowhere\/file/),
      remedy: expect.stringContaining(parameter),
    })
  },
)

it('a role without special rights is enough', async () => {
  const database = await kind.create()
  const url = 'url' in database.location ? database.location.url : ''
  const name = new URL(url).pathname.slice(1)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`CREATE ROLE plain LOGIN; ALTER DATABASE "${name}" OWNER TO plain`)
  await admin.end()
  const store = await openStore({ url: url.replace('slipway@', 'plain@') })
  expect(store.installation.epoch).toBe(1)
  await store.close()
  await database.remove()
})

it('connections that were cut while nobody used them are made again', async () => {
  const database = await kind.create()
  const store = await database.open()
  await aCluster(store)
  await kind.server().restart()
  const names = async (): Promise<string[]> => {
    for (let tries = 0; ; tries++) {
      try {
        return (await listClusters(store.database, { limit: 1 })).map(cluster => cluster.name)
      } catch (error) {
        expect(error).toMatchObject({ code: 'database-unavailable' })
        expect(tries).toBeLessThan(20)
      }
    }
  }
  expect(await names()).toEqual(['demo'])
  await store.close()
  await database.remove()
})

it('a dump that is restored elsewhere has a higher epoch', async () => {
  const database = await kind.create()
  const store = await database.open()
  await aCluster(store)
  await store.close()
  const copy = await kind.create()
  const source = 'url' in database.location ? new URL(database.location.url).pathname.slice(1) : ''
  const target = 'url' in copy.location ? new URL(copy.location.url).pathname.slice(1) : ''
  await kind.server().copyDatabase(source, target)
  const copied = await copy.open()
  expect(copied.installation.id).toBe(store.installation.id)
  expect(copied.installation.epoch).toBeGreaterThan(store.installation.epoch)
  expect((await listClusters(copied.database, { limit: 1 })).map(cluster => cluster.name)).toEqual(['demo'])
  await copied.close()
  await Promise.all([database.remove(), copy.remove()])
})
