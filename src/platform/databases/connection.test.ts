import { describe, expect, it } from 'vitest'
import { connectionShape, serverOf } from './connection.ts'
import { knownServer } from './users.ts'

const postgres = { namespace: 'db', settings: { name: 'main', users: [{ name: 'app', databases: ['shop'] }] } }
const read = (wish: object) => connectionShape.parse(wish)
const pods = { namespace: 'db', kind: 'pods' }

describe('the server that is meant', () => {
  it('is that of infra-postgres, where nothing else is said', () => {
    expect(serverOf(undefined, postgres, 'db')).toEqual({
      administrator: { namespace: 'db', name: 'main-pguser-postgres' },
      way: {
        ...pods,
        selector:
          'postgres-operator.crunchydata.com/cluster=main,postgres-operator.crunchydata.com/role in (master,primary)',
      },
      host: 'main-primary.db.svc',
      port: 5432,
      database: 'postgres',
      tls: { mode: 'prefer' },
    })
    expect(serverOf(undefined, null, 'db')).toBeNull()
  })

  it('is reached by its address where that is set, with the login of infra-postgres', () => {
    expect(serverOf(read({ address: '[fd00::1]:5433' }), postgres, 'db')).toMatchObject({
      administrator: { name: 'main-pguser-postgres' },
      way: { kind: 'address', host: 'fd00::1', port: 5433 },
    })
  })

  it('is one of another operator by its Secret; of Zalando’s the name of the Secret is enough', () => {
    const secret = 'postgres.acid-main.credentials.postgresql.acid.zalan.do'
    expect(serverOf(read({ secret }), postgres, 'db')).toMatchObject({
      administrator: { namespace: 'db', name: secret },
      way: { ...pods, selector: 'application=spilo,cluster-name=acid-main,spilo-role in (master,primary)' },
      host: 'acid-main.db.svc',
    })
    expect(serverOf(read({ secret: 'login', namespace: 'x', service: 'pg', port: 6432 }), null, 'db')).toMatchObject({
      administrator: { namespace: 'x', name: 'login' },
      way: { kind: 'service', namespace: 'x', name: 'pg' },
      host: 'pg.x.svc',
      port: 6432,
    })
    expect(connectionShape.safeParse({ secret: 'login' }).success).toBe(false)
    expect(connectionShape.safeParse({ secret: 'login', service: 'pg', address: 'pg:5432' }).success).toBe(false)
    for (const address of ['pg', 'pg:', 'pg:5432/shop', 'postgres://pg:5432', 'fd00::1:5432'])
      expect(connectionShape.safeParse({ address }).success, address).toBe(false)
  })
})

describe('whose login is known', () => {
  const other = (init: object | null) => (name: string) =>
    name === 'infra-postgres' ? postgres : init && { namespace: 'db', settings: { ...init } }
  const init = {
    roles: [{ name: 'shop_owner' }, { name: 'readers', login: false }],
    databases: [
      { name: 'own', owner: 'shop_owner' },
      { name: 'shared', owner: 'readers' },
    ],
  }

  it('a user of infra-postgres, and a role of database-init that logs in', () => {
    const { secretOf, ownerOf } = knownServer(undefined, { other: other(init) }, 'db')
    expect(secretOf('app')).toEqual({ namespace: 'db', name: 'main-pguser-app' })
    expect(secretOf('shop_owner')).toEqual({ namespace: 'db', name: 'database-role-shop-owner' })
    for (const nobody of ['readers', 'nobody', '']) expect(secretOf(nobody), nobody).toBeNull()
    expect(['own', 'shop', 'shared', 'none'].map(ownerOf)).toEqual(['shop_owner', 'app', null, null])
  })

  it('none of infra-postgres where another server is meant', () => {
    const elsewhere = { ...init, connection: { secret: 'login', service: 'pg' } }
    const { secretOf, server } = knownServer(undefined, { other: other(elsewhere) }, 'db')
    expect(server?.way).toEqual({ kind: 'service', namespace: 'db', name: 'pg' })
    expect(secretOf('app')).toBeNull()
    expect(secretOf('shop_owner')).not.toBeNull()
    const own = connectionShape.parse({ secret: 'login', service: 'pg' })
    expect(knownServer(own, { other: other(init) }, 'db').secretOf('shop_owner')).toBeNull()
  })
})
