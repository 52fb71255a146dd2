import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configuredBackend, readBackend } from './configured.ts'
import { hidden } from './stateBackend.ts'

const read = (text: string, environment: NodeJS.ProcessEnv = {}) => readBackend(text, '/etc/backend.tf', environment)
const pg = (url: string) => read(`terraform {\n  backend "pg" {\n    conn_str = "${url}"\n  }\n}\n`)

it('Terraform’s own language and its JSON say the same', () => {
  const hcl = read(`
    # Where the states are.
    terraform {
      backend "s3" {
        bucket     = "states" // ours
        key        = "machines"
        region     = "eu-west-1"
        use_lockfile = true
        max_retries  = 3
        endpoints  = { s3 = "https://s3.example.com" }
        allowed_account_ids = ["1", "2",]
        assume_role { role_arn = "arn:aws:iam::1:role/states" }
      }
    }`)
  const json = read(
    JSON.stringify({
      terraform: {
        backend: {
          s3: {
            bucket: 'states',
            key: 'machines',
            region: 'eu-west-1',
            use_lockfile: true,
            max_retries: 3,
            endpoints: { s3: 'https://s3.example.com' },
            allowed_account_ids: ['1', '2'],
            assume_role: { role_arn: 'arn:aws:iam::1:role/states' },
          },
        },
      },
    }),
  )
  expect(hcl.settings('w')).toEqual(json.settings('w'))
  expect(hcl).toMatchObject({ type: 's3', title: 's3 (states/machines)', fingerprint: json.fingerprint })
})

it('texts are read as Terraform reads them', () => {
  const { settings } = read(
    'terraform {\n backend "http" {\n address = "https://a/{workspace}"\n username = "a\\"b\\\\c\\u00e9$${d}"\n' +
      ' client_certificate_pem = <<-EOT\n    one\n      two\n    EOT\n password = "x" /* not } this */\n }\n}',
  )
  expect(settings('w1')).toEqual({
    address: 'https://a/w1',
    username: 'a"b\\cé${d}',
    client_certificate_pem: 'one\n  two\n',
    password: 'x',
  })
})

it.each([
  ['an unknown kind', 'terraform {\n backend "ftp" {}\n}', /there is no backend ftp; there are azurerm, consul/],
  ['local', 'terraform {\n backend "local" {}\n}', /local keeps states in files.*leave the variable out/],
  ['remote', 'terraform {\n backend "remote" {}\n}', /remote runs plans elsewhere/],
  ['cloud', 'terraform {\n cloud {}\n}', /cloud runs plans elsewhere/],
  ['two', 'terraform {\n backend "pg" {}\n backend "s3" {}\n}', /does not name one backend/],
  ['the same twice', 'terraform {\n backend "pg" {}\n backend "pg" {}\n}', /does not name one backend/],
  ['more than a backend', 'terraform {\n required_version = "1"\n backend "pg" {}\n}', /holds something else/],
  ['something else', 'resource "a" "b" {}', /holds something else than terraform \{ backend/],
  ['nothing', '', /holds something else/],
  ['broken JSON', '{"terraform": {', /it is no JSON/],
  ['a variable', 'terraform {\n backend "pg" {\n  conn_str = var.x\n }\n}', /line 3: a text, a number.*nothing else/],
  ['a text to work out', 'terraform {\n backend "pg" {\n  conn_str = "a${b}"\n }\n}', /line 3: .*not worked out/],
  ['no end', 'terraform {\n backend "pg" {\n', /line 3: a setting or } is expected/],
  ['a setting twice', 'terraform {\n backend "pg" {\n a = 1\n a = 2\n }\n}', /line 4: a is set twice/],
  ['one address for all', 'terraform {\n backend "http" {\n address = "https://a/b"\n }\n}', /its address is the same/],
  [
    'one lock for all',
    'terraform {\n backend "http" {\n address = "https://a/{workspace}"\n lock_address = "https://a/l"\n }\n}',
    /its lock_address is the same for all machines/,
  ],
])('%s is refused', (_what, text, words) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: 'terraform-backend-invalid', message: expect.stringMatching(words) }),
  )
})

it('what is wrong is told without what stands there', () => {
  for (const text of [
    'terraform {\n backend "pg" {\n conn_str = "postgres://u:secret-word@h/d\n }\n}',
    '{"a": secret-word}',
  ])
    expect(() => read(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret-word') }))
})

it('a place stays the same, whoever logs in there; another place is another one', () => {
  const one = pg('postgres://u:first-word@db.example.com:5432/states?sslmode=require')
  expect(one.title).toBe('pg (db.example.com:5432/states)')
  expect(pg('postgres://other:second-word@db.example.com:5432/states').fingerprint).toBe(one.fingerprint)
  expect(pg('postgres://u:first-word@db.example.com:5432/others').fingerprint).not.toBe(one.fingerprint)
  const byVariable = read('terraform {\n backend "pg" {}\n}', {
    PG_CONN_STR: 'postgres://x@db.example.com:5432/states',
  })
  expect(byVariable.fingerprint).toBe(one.fingerprint)
  const words = pg('host=db port=5433 user=u password=first-word dbname=states')
  expect(words.title).toBe('pg (host=db port=5433 dbname=states)')
})

it.each([
  ['a URL', 'postgres://u:p%40ss-word@h/d', ['p%40ss-word', 'p@ss-word']],
  ['pairs', "host=h password='two words' user=u", ['two words']],
  ['a query', 'postgres://h/d?user=u&password=third-word', ['third-word']],
])('the password in %s is hidden', (_what, value, words) => {
  const backend = pg(value)
  for (const word of words) expect(hidden(backend, `cannot log in with ${word}.`)).toBe('cannot log in with ••••.')
})

it('only what its kind reads goes to the command, and what is secret of it is known', () => {
  const environment = {
    AWS_SECRET_ACCESS_KEY: 'key-of-aws',
    AWS_REGION: 'eu-west-1',
    DATABASE_URL: 'postgres://a:b@c/d',
  }
  const { environment: passed, secrets } = read('terraform {\n backend "s3" {\n bucket = "b"\n }\n}', environment)
  expect(passed).toEqual({ AWS_SECRET_ACCESS_KEY: 'key-of-aws', AWS_REGION: 'eu-west-1' })
  expect(secrets).toEqual(['key-of-aws'])
})

it('a file is named by its absolute path, and can be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-backend-'))
  const given = (file: string) => configuredBackend({ SLIPWAY_TERRAFORM_BACKEND: file })
  const code = { code: 'terraform-backend-invalid' }
  await expect(given('backend.tf')).rejects.toMatchObject({
    ...code,
    message: expect.stringContaining('no absolute path'),
  })
  await expect(given(join(folder, 'none'))).rejects.toMatchObject({
    ...code,
    message: expect.stringContaining('ENOENT'),
  })
  await expect(given(folder)).rejects.toMatchObject(code)
  await writeFile(join(folder, 'large'), 'x'.repeat(300_000))
  await expect(given(join(folder, 'large'))).rejects.toMatchObject(code)
  await writeFile(join(folder, 'right'), 'terraform {\n backend "pg" {}\n}\n')
  expect(await given(join(folder, 'right'))).toMatchObject({ type: 'pg', title: 'pg' })
  expect(await given('')).toBeNull()
  await rm(folder, { recursive: true })
})
