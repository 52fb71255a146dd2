import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { Lab } from '../../lab/lab.ts'
import { Cloud } from '../../lab/terraform/cloud.ts'
import { until } from '../../lab/until.ts'
import { ownName, whatIsLeftOf } from './harness.ts'
import { Workspace } from './tofu.ts'

/** The stand-ins of digitalocean/digitalocean 2.69.0 and of its API, through the real OpenTofu. */

const folder = mkdtempSync(join(tmpdir(), 'slipway-digitalocean-'))
const key = join(folder, 'key')
let publicKey: string
let lab: Lab
let cloud: Cloud
const spaces: Workspace[] = []

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  lab = await Lab.up({ name: ownName('droplets'), hosts: 0 })
  cloud = await Cloud.of(lab, { droplets: 3 })
})
afterEach(() => cloud.behave())
afterAll(async () => {
  for (const space of spaces) space.remove()
  await lab?.down()
  expect(await whatIsLeftOf(ownName('droplets'))).toEqual([])
  rmSync(folder, { recursive: true })
})

const head = (token = cloud.token) => `
terraform {
  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2"
    }
  }
}
provider "digitalocean" {
  token = "${token}"
}
`

function workspace(body: string, token?: string): Workspace {
  const space = new Workspace(cloud, head(token) + body)
  spaces.push(space)
  return space
}

const droplet = (label: string, more: Record<string, string> = {}) => {
  const all = { image: '"debian-12-x64"', name: `"${label}"`, region: '"fra1"', size: '"s-1vcpu-2gb"', ...more }
  const lines = Object.entries(all).map(([name, value]) => `  ${name} = ${value}\n`)
  return `resource "digitalocean_droplet" "${label}" {\n${lines.join('')}}\n`
}

const Answer = z.looseObject({
  id: z.string().optional(),
  meta: z.object({ total: z.number() }).optional(),
  links: z.looseObject({ pages: z.record(z.string(), z.string()).optional() }).optional(),
  droplets: z.array(z.looseObject({ id: z.number(), name: z.string(), status: z.string() })).optional(),
})

async function api(method: string, path: string, token = cloud.token) {
  const url = `${cloud.environment['DIGITALOCEAN_API_URL']}${path}`
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })
  const text = await answer.text()
  return { status: answer.status, body: Answer.parse(text === '' ? {} : JSON.parse(text)) }
}

const login = (address: string, port = 22) => {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
  const words = [
    '-i',
    key,
    '-p',
    String(port),
    ...options.flatMap(option => ['-o', option]),
    `root@${address}`,
    'hostname',
  ]
  return execa('ssh', words, { reject: false, stdin: 'ignore' })
}

const platform = (name = 'web') => `
resource "digitalocean_ssh_key" "key" {
  name       = "lab"
  public_key = "${publicKey}"
}
resource "digitalocean_vpc" "net" {
  name     = "shop"
  region   = "fra1"
  ip_range = "10.20.0.0/24"
}
${droplet('web', {
  name: `"${name}"`,
  ssh_keys: '[digitalocean_ssh_key.key.fingerprint]',
  vpc_uuid: 'digitalocean_vpc.net.id',
  tags: '["shop"]',
})}
resource "digitalocean_firewall" "wall" {
  name        = "shop"
  droplet_ids = [digitalocean_droplet.web.id]
  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }
  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = ["0.0.0.0/0"]
  }
}
resource "digitalocean_loadbalancer" "api" {
  name        = "shop-api"
  region      = "fra1"
  vpc_uuid    = digitalocean_vpc.net.id
  droplet_ids = [digitalocean_droplet.web.id]
  forwarding_rule {
    entry_port      = 2222
    entry_protocol  = "tcp"
    target_port     = 22
    target_protocol = "tcp"
  }
  healthcheck {
    protocol = "tcp"
    port     = 22
  }
}
output "address" {
  value = digitalocean_droplet.web.ipv4_address
}
output "balancer" {
  value = digitalocean_loadbalancer.api.ip
}
`

it('a droplet is a host of the lab, with its key, its network and a load balancer that hands on to it', async () => {
  const space = workspace(platform())
  expect(await space.apply()).toMatchObject({ exitCode: 0 })
  const address = await space.output('address')
  expect(address).toBe(lab.host('web').address)
  expect((await login(address)).stdout).toBe('web')
  const balancer = await space.output('balancer')
  await until('the load balancer to hand on', 5, async () => (await login(balancer, 2222)).stdout === 'web')
  expect(await space.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 })
  space.write(head() + platform('web-2'))
  expect((await space.run('apply', '-auto-approve')).said).toContain('1 changed, 0 destroyed')
  expect((await api('GET', '/v2/droplets?tag_name=SHOP')).body).toMatchObject({
    droplets: [{ name: 'web-2', status: 'active', vpc_uuid: expect.stringMatching(/-/) }],
    meta: { total: 1 },
  })
  // Its members leave a network later than they are gone.
  await cloud.behave({ on: 'droplet.leave', delay: 1500 })
  expect(await space.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  expect(lab.hosts).toEqual([])
  expect(await cloud.state()).toMatchObject({ firewalls: {}, load_balancers: {}, keys: {}, vpcs: {} })
})

it('it refuses what the real one refuses, in its words', async () => {
  const wall = (label: string, rule: string, more = '') =>
    `resource "digitalocean_firewall" "${label}" {\n name = "${label}"\n ${more}\n inbound_rule {\n ${rule}\n }\n}\n`
  const space = workspace(`
    ${droplet('name', { name: '"under_score"' })}
    ${droplet('region', { region: '"mars1"' })}
    ${droplet('size', { size: '"s-99"' })}
    ${droplet('image', { image: '"plan9"' })}
    ${droplet('key', { ssh_keys: '["12"]' })}
    ${droplet('network', { vpc_uuid: '"none"' })}
    ${wall('wall', 'protocol = "tcp"\n port_range = "22"\n source_addresses = ["0.0.0.0/0"]', 'droplet_ids = [7]')}
    resource "digitalocean_loadbalancer" "balancer" {
      name        = "b"
      region      = "fra1"
      droplet_ids = [8]
      forwarding_rule {
        entry_port      = 80
        entry_protocol  = "tcp"
        target_port     = 80
        target_protocol = "tcp"
      }
    }
  `)
  const { exitCode, said } = await space.apply()
  expect(exitCode).toBe(1)
  for (const words of [
    /Error creating droplet: POST \S+\/v2\/droplets: 422 \(request "[0-9a-f-]+"\) Only valid hostname characters are allowed/,
    'You specified an invalid region for Droplet creation',
    'You specified an invalid size for Droplet creation',
    'You specified an invalid image for Droplet creation',
    '12 are invalid key identifiers for Droplet creation',
    'VPC UUID is invalid',
    'droplet 7 was not found',
    'droplet 8 was not found',
  ]) {
    expect(said).toMatch(words)
  }
  space.write(head() + wall('wall', 'protocol = "tcp"'))
  expect((await space.run('plan')).said).toContain('`port_range` of inbound rules is required')
  const stranger = workspace(droplet('web'), 'wrong')
  expect((await stranger.apply()).said).toMatch(/401 \(request "[0-9a-f-]+"\) Unable to authenticate you/)
  expect(await api('GET', '/v2/account', 'wrong')).toMatchObject({ status: 401, body: { id: 'Unauthorized' } })
  expect((await api('DELETE', '/v2/droplets/1')).status).toBe(404)
})

it('a quota or a limit in the middle leaves what was made, and a provider that is killed one that only the API knows', async () => {
  const space = workspace(['a', 'b', 'c'].map(label => droplet(label, { tags: '["many"]' })).join('\n'))
  await cloud.behave(
    { on: 'droplet.create', name: 'b', status: 422, times: 1 },
    { on: 'droplet.create', name: 'c', crash: 'after', times: 1 },
  )
  const { exitCode, said } = await space.apply('-parallelism=1')
  expect([exitCode, said]).toEqual([1, expect.stringContaining('will exceed your droplet limit')])
  const listed = await api('GET', '/v2/droplets?tag_name=many&per_page=1&page=2')
  expect(listed.body).toMatchObject({
    meta: { total: 2 },
    links: { pages: { prev: expect.stringContaining('page=1') } },
  })
  const { stdout } = { stdout: (await space.run('state', 'list')).said }
  expect(stdout.trim()).toBe('digitalocean_droplet.a')
  const known = (await api('GET', '/v2/droplets?name=c')).body.droplets ?? []
  expect(known.map(each => each.name)).toEqual(['c'])
  expect((await api('DELETE', `/v2/droplets/${known[0]?.id}`)).status).toBe(204)
  await cloud.behave({ on: 'droplets.list', status: 429 })
  expect(await api('GET', '/v2/droplets')).toMatchObject({ status: 429, body: { id: 'too_many_requests' } })
  await lab.remove('a')
  expect((await space.run('plan')).said).toContain('3 to add, 0 to change, 0 to destroy')
})
