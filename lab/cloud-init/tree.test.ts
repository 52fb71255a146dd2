import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cloudInitOf, type Seed, writeCloudInit } from './tree.ts'
import { hostnameIn } from './userData.ts'

const seed = (userData: string, more: Partial<Seed> = {}): Seed => ({
  hostname: 'm1',
  defaultUser: 'debian',
  rootKeys: [],
  userData,
  ...more,
})
const namesOf = (userData: string) => cloudInitOf(seed(userData)).steps.map(step => step.name)

it.each([
  ['no blob of YAML', '#cloud-config\nusers: [\n', 'Failed loading yaml blob.'],
  ['a list', '#cloud-config\n- a\n', 'Failed loading yaml blob.'],
  ['a configuration that does not say so', 'users: []\n', 'Unhandled non-multipart'],
  ['a module with another shape', '#cloud-config\nwrite_files: yes\n', 'Running module write_files failed'],
])('user data that is %s leaves the machine as the image has it, and is told', (_, userData, problem) => {
  const { steps, problems } = cloudInitOf(seed(userData))
  expect(problems.join()).toContain(problem)
  expect(steps.map(step => step.name)).toEqual(['set_hostname', 'users_groups'])
})

it('the image has its own user unless the list of users leaves it out', () => {
  const script = (userData: string) =>
    cloudInitOf(seed(userData)).steps.find(step => step.name === 'users_groups')?.script
  expect(script('')).toContain("'debian'")
  expect(script('#cloud-config\nusers: [default, ops]\n')).toMatch(/'debian'[^]*'ops'/)
  expect(script('#cloud-config\nusers: [ops]\n')).not.toContain('debian')
})

it('a script in place of a configuration runs last', () => {
  expect(namesOf('#!/bin/sh\ntrue\n')).toEqual(['set_hostname', 'users_groups', 'scripts_user'])
})

it('files and commands come out as they were, whatever is in them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cloud-init-'))
  const content = `it's "$HOME" \`x\`\nEND\n`
  const config = {
    write_files: [
      { path: `${folder}/a 'b'/c`, content, permissions: '0600' },
      { path: `${folder}/coded`, content: Buffer.from(content).toString('base64'), encoding: 'b64' },
    ],
    runcmd: [['sh', '-c', 'echo "$0" > "$1"', "it's", `${folder}/said`], `exit 3`],
  }
  const { steps } = cloudInitOf(seed(`#cloud-config\n${JSON.stringify(config)}`))
  const run = (name: string) =>
    execFileSync('bash', ['-e'], {
      input: steps.find(step => step.name === name)?.script ?? 'exit 9',
      env: { ...process.env, script: join(folder, 'script') },
    })
  run('write_files')
  expect(readFileSync(join(folder, "a 'b'/c"), 'utf8')).toBe(content)
  expect(readFileSync(join(folder, 'coded'), 'utf8')).toBe(content)
  expect(() => run('scripts_user')).toThrow(expect.objectContaining({ status: 3 }))
  expect(readFileSync(join(folder, 'said'), 'utf8')).toBe("it's\n")
  rmSync(folder, { recursive: true })
})

it('steps are in the order of cloud-init, and what is deferred comes after the users', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cloud-init-'))
  writeCloudInit(folder, seed('#cloud-config\nwrite_files: [{ path: /x, defer: true }]\nruncmd: [a]\npackages: [b]\n'))
  const steps = (stage: string) => readdirSync(join(folder, 'var/lib/cloud/lab', stage)).map(name => name.slice(3))
  expect(steps('init')).toEqual(['write_files', 'set_hostname', 'users_groups'])
  expect(steps('final')).toEqual(['write_files_deferred', 'package_update_upgrade_install', 'scripts_user'])
  rmSync(folder, { recursive: true })
})

it('meta data names the machine, and what is no meta data does not', () => {
  expect(hostnameIn('instance-id: i-1\nlocal-hostname: shop\n')).toBe('shop')
  for (const other of ['', 'a: [', '- a', 'instance-id: i-1\n']) expect(hostnameIn(other)).toBeUndefined()
})
