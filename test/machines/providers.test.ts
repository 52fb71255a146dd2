import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { afterAll, beforeAll, expect } from 'vitest'
import { labCommand, whatIsLeftOf } from '../lab/harness.ts'
import { type CloudDesk, openCloudDesk } from './cloudDesk.ts'
import { type ProviderCase, providerSuite } from './providerSuite.ts'
import { refusalRules, refusals } from './refusals.ts'

/** The same for every provider, with the modules that come along and the real OpenTofu. */

let site: CloudDesk
beforeAll(async () => {
  site = await openCloudDesk('providers')
  const publicKey = readFileSync(`${site.key}.pub`, 'utf8').trim()
  const users = [{ name: 'ops', shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys: [publicKey] }]
  const userData = `#cloud-config\n${JSON.stringify({ users })}`
  const add = (hostname: string) => site.lab.add(hostname, { hostname, userData })
  const once = { crash: 'after', times: 1 } as const
  await Promise.all([
    add('existing-1'),
    site.cloud.behave(
      ...refusalRules,
      { on: 'domain.create', name: 'libvirt-2', ...once },
      { on: 'domain.create', name: 'libvirt-3', ...once },
      { on: 'droplet.create', name: 'digitalocean-2', ...once },
      { on: 'droplet.create', name: 'digitalocean-3', ...once },
    ),
  ])
})
afterAll(async () => {
  const { lab, cloud } = site
  const { volumes, tags } = await cloud.state()
  expect([volumes, tags]).toEqual([{}, {}])
  await site[Symbol.asyncDispose]()
  expect(await whatIsLeftOf(lab.name)).toEqual([])
})

const login = ({ key }: CloudDesk) => ['--user', 'ops', '--key-file', key]
const hosts = async ({ lab }: CloudDesk, machine: string): Promise<readonly string[]> =>
  lab.hosts.map(({ name }) => name).filter(name => name === machine)
const lose = async ({ lab }: CloudDesk, machine: string) => void (await lab.remove(machine))

const libvirt: ProviderCase = {
  name: 'libvirt',
  words: one => [
    '--provider',
    'libvirt',
    '--image',
    one.cloud.image,
    '--memory',
    '1GiB',
    '--disk',
    '10',
    ...login(one),
  ],
  async there({ cloud }, machine) {
    const { domains, volumes } = await cloud.state()
    const named = [...Object.values(domains), ...Object.values(volumes)].map(({ name }) => name)
    return named.filter(name => name.startsWith(machine))
  },
  async lose({ desk }, machine) {
    for (const word of ['destroy', 'undefine'])
      await execa('virsh', ['-c', 'qemu:///system', word, machine], { env: desk.environment })
  },
  finds: true,
}

const digitalocean: ProviderCase = {
  name: 'digitalocean',
  words: one => [
    '--provider',
    'digitalocean',
    '--set',
    'region=fra1',
    '--memory',
    '4GiB',
    '--cpus',
    '2',
    ...login(one),
  ],
  async there({ cloud }, machine) {
    const { droplets } = await cloud.state()
    return Object.values(droplets).flatMap(({ name }) => (name === machine ? [name] : []))
  },
  async lose({ cloud }, machine) {
    const { droplets } = await cloud.state()
    const [id] = Object.entries(droplets).find(([, { name }]) => name === machine) ?? []
    const url = `${cloud.environment['DIGITALOCEAN_API_URL']}/v2/droplets/${id}`
    const { status } = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${cloud.token}` } })
    expect(status).toBe(204)
  },
  finds: true,
}

const lab: ProviderCase = {
  name: 'lab',
  words: one => ['--provider', 'lab', '--set', `lab=${one.lab.name}`, '--set', `program=${labCommand}`, ...login(one)],
  there: hosts,
  lose,
}

const existing: ProviderCase = {
  name: 'existing',
  words: (one, machine) => {
    const { address } = one.lab.host(machine)
    return ['--provider', 'existing', '--set', `address=${address}`, ...login(one)]
  },
  there: hosts,
  lose,
  stays: true,
}

for (const provider of [libvirt, digitalocean, lab, existing]) providerSuite(provider, () => site)
refusals(() => site)
