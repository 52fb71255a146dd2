import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

/** Files with a secret that is no good: every command refuses them at their line, and shows nothing of what is in them. */

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

const canary = 'kanarie7f31'
const registries = '  registries: { configs: { r.example: { auth_file: ./secret } } }\n'
const token = '  token_file: ./secret\n'

async function write(line: string, secret: string): Promise<void> {
  await writeFile(join(desk.folder, 'c.yaml'), clusterText().replace('  nodes:\n', `${line}  nodes:\n`))
  await writeFile(join(desk.folder, 'secret'), secret, { mode: 0o600 })
}

/** Line and column of `./secret` in the file that `write` has written. */
const placeOf = (line: string): string => `c.yaml:7:${line.indexOf('./secret') + 1}`

async function refused(words: readonly string[], line: string, secret: string, message: string): Promise<void> {
  await write(line, secret)
  const { code, stdout, stderr } = await desk.slipway([...words, '-f', 'c.yaml'])
  const path = line === token ? 'spec.token_file' : 'spec.registries.configs."r.example".auth_file'
  expect(stderr).toContain(`${placeOf(line)} ${path}: `)
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/Slipway itself|^\s+at /m)
  expect(stdout + stderr).not.toMatch(new RegExp(`${canary}|${canary.slice(-6)}`))
  expect(code).toBe(2)
}

it.each([
  ['a quote that is not closed', `username: u\npassword: "${canary}\n`, 'the quotes around password'],
  ['what may be a comment', `username: u\npassword: ${canary} #${canary}\n`, 'a # behind a blank'],
  ['blanks at its end', `username: u\npassword: ${canary} \n`, 'ends with blanks'],
  ['a line of its own', `username: u\npassword:\n  ${canary}\n`, 'password is empty'],
  ['JSON', `{"username": "u", "password": "${canary}"}\n`, 'line 1 is neither'],
  ['two passwords', `username: u\npassword: ${canary}\npassword: ${canary}\n`, 'password stands in it twice'],
])('validate refuses the login of a registry with %s', (_what, secret, message) =>
  refused(['validate'], registries, secret, message),
)

it.each([
  ['the shape of a bootstrap token', `${canary.slice(-6)}.0123456789abcdef\n`, 'bootstrap token'],
  [
    'that shape in the secure form',
    `K10${'a1'.repeat(32)}::server:${canary.slice(-6)}.0123456789abcdef`,
    'bootstrap token',
  ],
  ['what agents join with', `K10${'a1'.repeat(32)}::node:${canary}\n`, 'not one of a server'],
  ['a hash that is cut', `K10${'a1'.repeat(31)}::server:${canary}\n`, 'not one of a server'],
  ['several lines', `${canary}\n${canary}\n`, 'several lines'],
  ['blanks', `${canary} ${canary}`, 'blanks'],
])('validate refuses a token with %s', (_what, secret, message) => refused(['validate'], token, secret, message))

describe.each([[['plan']], [['apply', '--yes']]])('%j as well', words => {
  it('refuses the login of a registry', () =>
    refused(words, registries, `username: u\npassword: '${canary}\n`, 'the quotes around password'))
  it('refuses a token', () => refused(words, token, `${canary.slice(-6)}.0123456789abcdef\n`, 'bootstrap token'))
})

it.each([
  [registries, `username: u\npassword: "${canary}" # of the robot\n`],
  [registries, `username: u\npassword: '@: #${canary}'\n`],
  [token, `K10${'a1'.repeat(32)}::server:${canary}\n`],
  [token, `${canary}\n`],
])('validate takes what is right: %s', async (line, secret) => {
  await write(line, secret)
  expect(await desk.slipway(['validate', '-f', 'c.yaml'])).toMatchObject({ code: 0, stderr: '' })
})
