import { expect, it } from 'vitest'
import type { Database, Work } from '../kind.ts'
import type { Sent } from '../objects.ts'
import { secretData, secretTexts } from '../secret.ts'
import { clusterShape, usersOf } from './cluster.ts'
import { createUser } from './user.ts'

const metadata = { name: 'db', namespace: 'shop', uid: 'u', resourceVersion: '1', generation: 1 }
const resourceOf = (users?: object[]) => ({
  metadata,
  spec: { postgresVersion: 17, instances: [{ dataVolumeClaimSpec: {} }], ...(users && { users }) },
})

/** What is done for the users of a cluster, in order; each Secret by what it holds. */
async function made(resource: ReturnType<typeof resourceOf>, password: string | null, database?: Database) {
  const done: unknown[] = []
  const nothing = () => Promise.reject(new Error('nothing is asked'))
  const found = password === null ? null : { metadata, data: secretData({ password }) }
  const work: Work = {
    operator: { namespace: 'own', watches: null, image: '', environment: {} },
    database: database && {
      ...database,
      async prepare(user) {
        done.push(`prepare ${user.name}: ${user.password} ${user.databases} ${user.options}`)
      },
    },
    list: () => [],
    get: async () => found,
    async apply(object: Sent) {
      done.push([object.metadata.name, secretTexts({ ...object, metadata })])
    },
    exists: nothing,
    merge: nothing,
    remove: nothing,
    amend: nothing,
  }
  const cluster = clusterShape.parse(resource)
  for (const user of usersOf(cluster)) await createUser(resource, cluster, user, work)
  return done
}

it('a user has a secret with the password that it had, of the Service of the primary', async () => {
  const [secret] = await made(resourceOf([{ name: 'ann', databases: ['shop', 'other'] }]), 'a/b')
  expect(secret).toEqual([
    'db-pguser-ann',
    {
      user: 'ann',
      password: 'a/b',
      host: 'db-primary.shop.svc',
      port: '5432',
      verifier: expect.any(String),
      dbname: 'shop',
      uri: 'postgresql://ann:a%2Fb@db-primary.shop.svc:5432/shop',
      'jdbc-uri': 'jdbc:postgresql://db-primary.shop.svc:5432/shop?password=a%2Fb&user=ann',
    },
  ])
})

it('a PostgreSQL that runs is told of the user before its secret leads there', async () => {
  const users = [{ name: 'ann', databases: ['shop'], options: 'CREATEDB' }]
  const [prepared, secret] = await made(resourceOf(users), 'known', { host: '10.0.0.1', port: 6432 })
  expect(prepared).toBe('prepare ann: known shop CREATEDB')
  expect(secret).toMatchObject(['db-pguser-ann', { host: '10.0.0.1', port: '6432' }])
})

it('a user without a database has nowhere to connect to, and a cluster without users has one named as itself', async () => {
  const [[, login] = []] = [(await made(resourceOf([{ name: 'ann' }]), null))[0]].filter(Array.isArray)
  expect(Object.keys(login).toSorted()).toEqual(['host', 'password', 'port', 'user', 'verifier'])
  expect(await made(resourceOf([]), null)).toEqual([])
  expect(await made(resourceOf(), null)).toMatchObject([['db-pguser-db', { user: 'db', dbname: 'db' }]])
})
