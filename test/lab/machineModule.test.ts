import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { checkout } from '../../lab/places.ts'
import { labCommand, ownName } from './harness.ts'
import { Workspace } from './tofu.ts'

it('the module for machines of a lab needs no provider: what it has made or ended by half it makes or ends whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-module-'))
  const key = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  await using lab = await Lab.up({ name: ownName('module'), hosts: 0 })
  const [address = ''] = lab.freeAddresses()
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  const space = new Workspace(
    { environment: {} },
    `module "machine" {
      source     = "${checkout}/lab/terraform/machine"
      command    = "${labCommand}"
      lab        = "${lab.name}"
      name       = "m1"
      address    = "${address}"
      user       = "ops"
      public_key = "${publicKey}"
    }
    output "address" {
      value = module.machine.address
    }`,
  )
  // As if a run had been killed after it was made.
  await execa(labCommand, ['add', lab.name, 'm1', '--address', address, '--user', 'ops', '--public-key', publicKey])
  expect(await space.apply()).toMatchObject({ exitCode: 0 })
  expect(await space.output('address')).toBe(address)
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
  const words = ['-i', key, ...options.flatMap(option => ['-o', option]), `ops@${address}`, 'hostname; sudo -n id -u']
  expect((await execa('ssh', words, { stdin: 'ignore' })).stdout).toBe('m1\n0')
  expect(await space.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 })
  await lab.remove('m1')
  expect(await space.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  expect(lab.hosts).toEqual([])
  space.remove()
  rmSync(folder, { recursive: true })
})
