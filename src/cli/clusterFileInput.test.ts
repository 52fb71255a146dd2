import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { written } from '../distributions/rke2/spec/file/written.fixture.ts'
import { readClusterInput } from './clusterFileInput.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-input-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** All that is said about a cluster file with a line in it. */
async function said(line: string): Promise<string> {
  const file = join(folder, 'c.yaml')
  await writeFile(file, written([line]))
  const refusal: unknown = await readClusterInput(file).catch((error: unknown) => error)
  return refusal instanceof SlipwayError ? JSON.stringify([refusal.message, refusal.findings]) : ''
}

it.each([
  ['ssh: { key_file: b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ== }', 'b3Blbn'],
  ['ssh: { sudo_password_file: Hunter2! }', 'Hunter'],
  ['token_file: c0ffee00c0ffee00c0ffee00c0ffee00', 'c0ffee'],
  ['registries: { configs: { r.example: { auth_file: "u:hunter2" } } }', 'hunter'],
  ['secret_files: { etcd-s3-secret-key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY }', 'wJalr'],
])('a secret in place of the name of its file is not repeated: %s', async (line, secret) => {
  expect(await said(line)).toContain(
    'there is no such file; this field takes the name of a file, not the secret itself',
  )
  expect(await said(line)).not.toContain(secret)
})

it.each(['./token', 'keys/id_ed25519', 'token.txt', 'id_rsa'])(
  'the name of a file that is missing is shown: %s',
  async name => expect(await said(`token_file: ${name}`)).toContain(`${join(folder, name)}: there is no such file`),
)
