import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loginIn } from '../../databases/login.ts'
import { contentsOf } from './contents.ts'
import { settings } from './schema.ts'

const schema = z.object(settings)
const wish = (rest: object = {}) => {
  const [secret] = schema.parse({ secrets: [{ name: 'db', namespaces: ['shop'], user: 'app', ...rest }] }).secrets
  if (!secret) throw new Error('one is wished for')
  return secret
}
const base64 = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
const login = { user: 'app', password: 'p@ss/wörd', host: 'main-primary.db.svc', port: '5432', dbname: 'shop' }
const contents = (
  data: Readonly<Record<string, string>>,
  rest: object = {},
  server = null as { host: string | null; port: number } | null,
) => {
  const made = contentsOf(wish(rest), loginIn({ data: base64(data) }), server)
  return made.ok
    ? Object.fromEntries(
        Object.entries(made.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      )
    : made.missing
}

describe('what applications read', () => {
  it('is all of the login, and a URL in which every sign of it is what it is', () => {
    expect(contents(login)).toEqual({
      ...login,
      url: 'postgresql://app:p%40ss%2Fw%C3%B6rd@main-primary.db.svc:5432/shop',
    })
    const { url } = contents(
      { ...login, host: 'fd00::1' },
      { scheme: 'postgres', parameters: { sslmode: 'require', options: '-c a=b' } },
    ) as { url: string }
    const parsed = new URL(url)
    expect(decodeURIComponent(parsed.password)).toBe(login.password)
    expect(parsed.hostname).toBe('[fd00::1]')
    expect(url).toMatch(/\?sslmode=require&options=-c%20a%3Db$/)
  })

  it('has the keys that are set, and what is set in place of what the login says', () => {
    const keys = { user: 'DB_USER', url: 'DATABASE_URL' }
    expect(contents(login, { keys, host: 'pgbouncer.db.svc', port: 6432, database: 'other' })).toEqual({
      DB_USER: 'app',
      password: login.password,
      host: 'pgbouncer.db.svc',
      port: '6432',
      dbname: 'other',
      DATABASE_URL: 'postgresql://app:p%40ss%2Fw%C3%B6rd@pgbouncer.db.svc:6432/other',
    })
  })

  it('is never empty: what is missing is named, and what is known of the server stands in', () => {
    expect(contents({ username: 'app', password: '' })).toEqual(['password', 'host', 'port', 'dbname'])
    expect(
      contents({ user: '', username: 'app', password: 'x', dbname: 'd' }, {}, { host: 'pg.x.svc', port: 6432 }),
    ).toMatchObject({
      user: 'app',
      host: 'pg.x.svc',
      port: '6432',
    })
    expect(contents({ ...login, host: '' }, {}, { host: null, port: 5432 })).toEqual(['host'])
  })
})

describe('a wish for a Secret', () => {
  const faults = (...secrets: object[]) =>
    (schema.safeParse({ secrets }).error?.issues ?? []).map(({ message }) => message)
  it('names one source, keys that differ, and each Secret once', () => {
    const one = { name: 'db', namespaces: ['shop'], user: 'app' }
    expect(faults(one)).toEqual([])
    expect(faults({ ...one, secret: { name: 'x', namespace: 'y' } })).toEqual(['one of user and secret is needed'])
    expect(faults({ ...one, keys: { url: 'password' } })).toEqual(['two of its keys have the same name'])
    expect(faults(one, { ...one, namespaces: ['other', 'shop'] })).toEqual(['a Secret is named twice'])
  })
})
