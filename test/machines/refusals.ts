import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import type { Rule } from '../../lab/terraform/state.ts'
import { Workspace } from '../lab/tofu.ts'
import type { CloudDesk } from './cloudDesk.ts'

/** Faults that `refusals` meets. */
export const refusalRules: readonly Rule[] = [{ on: 'droplet.create', name: 'too-many', status: 422, times: 1 }]

/** What a provider refuses is told in words that say what to do; most of it before anything is made. */
export function refusals(siteOf: () => CloudDesk): void {
  const create = (machine: string, provider: string, ...more: readonly string[]) => {
    const { desk, key } = siteOf()
    const login = ['--user', 'ops', '--key-file', key]
    return desk.slipway(['machine', 'create', machine, '--provider', provider, ...login, ...more])
  }
  const destroy = (machine: string) => siteOf().desk.slipway(['machine', 'destroy', machine, '--yes'])
  const show = async (machine: string) =>
    JSON.parse((await siteOf().desk.slipway(['machine', 'show', machine, '-o', 'json'])).stdout)
  const isOnRecord = async (machine: string): Promise<boolean> =>
    (await siteOf().desk.slipway(['machine', 'show', machine])).code === 0
  const droplet = ['--set', 'region=fra1', '--set', 'size=s-1vcpu-1gb']

  describe.concurrent('what a provider refuses', () => {
    it('what is named and is not there is told all at once, before anything is made', async () => {
      const settings = ['--set', 'region=moon1', '--set', 'size=s-64vcpu-1gb', '--set', 'ssh_keys=12']
      const planned = await create('none', 'digitalocean', ...settings, '--image', 'plan9', '--yes')
      expect(planned.code).toBe(5)
      for (const words of [
        'DigitalOcean has no region moon1',
        'DigitalOcean has no size s-64vcpu-1gb',
        'DigitalOcean has no image plan9',
        'the account has no key 12',
      ])
        expect(planned.stderr).toContain(words)
      const named = ['--set', 'pool=fast', '--set', 'network=lan', '--image', 'debian-12.qcow2']
      const domain = await create('none', 'libvirt', ...named, '--yes')
      expect(domain).toMatchObject({ code: 5, stderr: expect.stringContaining('libvirt has no pool fast that is on') })
      expect(domain.stderr).toContain('libvirt has no network lan that is on')
      const image = await create('none', 'libvirt', '--image', 'debian-12.qcow2', '--yes')
      expect(image.stderr).toContain('the pool default has no volume debian-12.qcow2')
      const elsewhere = await create('none', 'libvirt', '--image', '/nowhere/debian.qcow2', '--yes')
      expect(elsewhere.stderr).toContain('/nowhere/debian.qcow2 is not there, or can’t be read by Slipway')
      const small = await create('none', 'libvirt', '--image', siteOf().cloud.image, '--disk', '1', '--yes')
      expect(small.stderr).toContain('is a disk of 2 GiB, and 1 GiB are less')
      expect(await isOnRecord('none')).toBe(false)
    })

    it('a token that is refused is told as that', async () => {
      const token = join(siteOf().desk.folder, 'token')
      writeFileSync(token, 'nobody\n', { mode: 0o600 })
      const refused = await create('stranger', 'digitalocean', ...droplet, '--set', `token_file=${token}`, '--yes')
      expect(refused).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('DigitalOcean does not take the token'),
      })
      expect(refused.stderr).toContain('--set token_file=FILE')
      expect(await isOnRecord('stranger')).toBe(false)
    })

    it('a domain of somebody else is in the way of its name, and stays', async () => {
      const { cloud, desk } = siteOf()
      const others = new Workspace(cloud, othersDomain)
      expect(await others.apply()).toMatchObject({ exitCode: 0 })
      const refused = await create('taken', 'libvirt', '--image', cloud.image, '--yes')
      expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('libvirt has a domain taken already') })
      const { stdout } = await execa('virsh', ['list', '--all', '--name'], { env: desk.environment })
      expect(stdout.split('\n')).toContain('taken')
      expect(await others.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
      others.remove()
    })

    it('a quota in the middle is told in our words; what was made is on record, and goes', async () => {
      const failed = await create('too-many', 'digitalocean', ...droplet, '--yes')
      const words = 'the account has as many droplets as it may have'
      expect(failed).toMatchObject({ code: 4, stderr: expect.stringContaining(words) })
      expect(await show('too-many')).toMatchObject({ status: 'failed', resources: ['digitalocean_tag.machine'] })
      expect(await destroy('too-many')).toMatchObject({ code: 0 })
    })
  })
}

const othersDomain = `
terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "~> 0.8"
    }
  }
}
provider "libvirt" {
  uri = "qemu:///system"
}
resource "libvirt_domain" "other" {
  name = "taken"
}
`
