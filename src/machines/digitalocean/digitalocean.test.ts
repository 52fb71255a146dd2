import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Marks } from '../contract.ts'
import { readMachineSpec } from '../spec.ts'
import { digitalOcean } from './api.ts'
import { dropletKinds, finding, networkKinds } from './find.ts'
import { explainDigitalOcean } from './words.ts'

const faultsOf = (given: object, provider = 'digitalocean') => {
  const read = readMachineSpec({ provider, ...given })
  return read.ok ? [] : read.faults.map(({ path, message }) => `${path}: ${message}`)
}

it('a droplet is as large as its size, or as memory and CPUs say; both must agree', () => {
  expect(faultsOf({ digitalocean: { region: 'fra1', size: 's-2vcpu-4gb' } })).toEqual([])
  expect(faultsOf({ memory: '4GiB', cpus: 2, digitalocean: { region: 'fra1' } })).toEqual([])
  expect(faultsOf({ memory: '4GiB', digitalocean: { region: 'fra1' } })).toEqual([
    'digitalocean.size: it is not said how large it is to be',
  ])
  expect(faultsOf({ memory: '8GiB', cpus: 4, digitalocean: { region: 'fra1', size: 's-2vcpu-4gb' } })).toEqual([
    'cpus: the size s-2vcpu-4gb has 2 CPUs, not 4',
    'memory: the size s-2vcpu-4gb has 4 GiB of memory',
  ])
  expect(faultsOf({ memory: 1500, cpus: 1, digitalocean: { region: 'fra1' } })).toEqual([
    'memory: droplets have whole GiB of memory',
  ])
  expect(faultsOf({ disk: 20, digitalocean: { region: 'fra1', size: 's-2vcpu-4gb' } })).toEqual([
    'disk: digitalocean does not take disk',
  ])
})

it('lists are typed with commas, and what is none of DigitalOcean is refused', () => {
  const settings = { region: 'fra1', size: 's-1vcpu-1gb' }
  expect(faultsOf({ digitalocean: { ...settings, tags: 'web,a:b', ssh_keys: '12345' } })).toEqual([])
  expect(faultsOf({ digitalocean: { ...settings, tags: 'web, db' } })[0]).toMatch(/^digitalocean\.tags.*a tag has/)
  expect(faultsOf({ digitalocean: { ...settings, tags: 'slipway-0123456789abcdef' } })).toEqual([
    'digitalocean.tags: such a tag is the mark of one machine',
  ])
  expect(faultsOf({ digitalocean: { ...settings, region: 'Frankfurt 1' } })[0]).toMatch(/not a region/)
  expect(faultsOf({ image: 'Debian 12', digitalocean: settings })).toEqual([
    'image: Debian 12 is no image of DigitalOcean',
  ])
  const network = { region: 'fra1', ssh_from: '203.0.113.0/24,2001:db8::/32', public_ports: '80,443' }
  expect(faultsOf({ 'digitalocean-network': network }, 'digitalocean-network')).toEqual([])
  expect(
    faultsOf({ 'digitalocean-network': { ...network, ssh_from: '203.0.113.1' } }, 'digitalocean-network')[0],
  ).toMatch(/not a range of addresses/)
})

afterEach(() => vi.unstubAllEnvs())

/** An API that answers as it is told, one answer after the other; the last one again and again. */
async function answering(...answers: readonly ((reply: ServerResponse, path: string) => void)[]) {
  const asked: string[] = []
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`)
    answers[Math.min(asked.length, answers.length) - 1]?.(reply, request.url ?? '')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('DIGITALOCEAN_API_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('DIGITALOCEAN_TOKEN', 'a-token')
  return { asked, [Symbol.asyncDispose]: async () => void server.close() }
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  (reply: ServerResponse) =>
    void reply.writeHead(status, headers).end(JSON.stringify(body))

const calls = {
  environment: {},
  directory: '/nowhere',
  signal: new AbortController().signal,
  file: async () => 'a-token',
}

it('a list is read to its last page', async () => {
  await using api = await answering(
    json({ tags: [{ name: 'a' }], links: { pages: { next: 'https://…' } } }),
    json({ tags: [{ name: 'b' }], links: {} }),
  )
  const asked = await digitalOcean({}, calls)
  expect(await asked.list('/v2/tags', 'tags', z.object({ name: z.string() }))).toEqual([{ name: 'a' }, { name: 'b' }])
  expect(api.asked).toEqual(['GET /v2/tags?per_page=200&page=1', 'GET /v2/tags?per_page=200&page=2'])
})

it('too many requests are waited out; a wait of minutes is told, and so is a token that is refused', async () => {
  const tooMany = (seconds: string) => json({ message: 'Too many requests' }, 429, { 'retry-after': seconds })
  {
    await using api = await answering(tooMany('0.01'), json({}, 404))
    expect(await (await digitalOcean({}, calls)).get('/v2/vpcs/1', z.unknown())).toBeNull()
    expect(api.asked).toHaveLength(2)
  }
  {
    await using api = await answering(tooMany('3000'))
    await expect((await digitalOcean({}, calls)).remove('/v2/tags/a')).rejects.toMatchObject({
      code: 'provider-refused',
      message: expect.stringContaining('asked too often'),
    })
    expect(api.asked).toEqual(['DELETE /v2/tags/a'])
  }
  await using api = await answering(json({ id: 'Unauthorized', message: 'Unable to authenticate you' }, 401))
  await expect((await digitalOcean({}, calls)).get('/v2/account', z.unknown())).rejects.toMatchObject({
    code: 'provider-refused',
    message: expect.stringContaining('does not take the token'),
  })
  expect(api.asked).toHaveLength(1)
})

it('without a token nobody is asked', async () => {
  vi.stubEnv('DIGITALOCEAN_TOKEN', '')
  vi.stubEnv('DIGITALOCEAN_ACCESS_TOKEN', '')
  await expect(digitalOcean({}, calls)).rejects.toMatchObject({ message: 'there is no token for DigitalOcean' })
  await expect(digitalOcean({ token_file: 'x' }, { ...calls, file: async () => ' \n' })).rejects.toMatchObject({
    code: 'provider-refused',
  })
})

it('what has the mark of a machine is found, whatever its name; what belongs to others is not', async () => {
  const uid = '0123456789abcdef'
  const other = 'fedcba9876543210'
  const things: Readonly<Record<string, object>> = {
    '/v2/droplets': {
      droplets: [
        { id: 1, name: 'w1', tags: ['web', `slipway-${uid}`] },
        { id: 2, name: 'w1', tags: [`slipway-${other}`] },
        { id: 3, name: 'w1', tags: [`slipway-network-${uid}`] },
      ],
    },
    '/v2/vpcs': { vpcs: [{ id: 'v', name: 'shop', description: `Slipway network ${uid}` }] },
    '/v2/tags': { tags: [{ name: 'web' }, { name: `slipway-${uid}` }, { name: `slipway-network-${uid}` }] },
    '/v2/firewalls': { firewalls: [{ id: 'f', name: `shop-${other}` }] },
  }
  await using api = await answering((reply, path) =>
    json({ load_balancers: [], ssh_keys: [], ...things[path.split('?')[0] ?? ''] })(reply),
  )
  const whatOf = async (kinds: typeof dropletKinds, marks: Marks) => {
    const found = await finding(kinds)({}, marks, calls)
    return found.asked ? found.leftovers.map(({ what }) => what) : found
  }
  expect(await whatOf(dropletKinds, [uid])).toEqual(['droplet w1 (1)', `tag slipway-${uid}`])
  expect(await whatOf(networkKinds, [uid])).toEqual(['VPC shop', `tag slipway-network-${uid}`])
  expect(await whatOf(dropletKinds, { installation: 'fedcba' })).toEqual(['droplet w1 (2)'])
  expect(await whatOf(networkKinds, { installation: 'fedcba' })).toEqual([`firewall shop-${other}`])
  expect(api.asked).toHaveLength(14)
})

it('words of the plugin get a meaning and what to do; others stand for themselves', () => {
  const said = (status: number, words: string) =>
    explainDigitalOcean(
      `Error creating droplet: POST https://api.digitalocean.com/v2/droplets: ${status} (request "1") ${words}`,
    )
  expect(said(422, 'creating this/these droplet(s) will exceed your droplet limit')?.message).toMatch(
    /as many droplets/,
  )
  expect(said(422, 'You specified an invalid size for Droplet creation.')?.remedy).toContain('doctl compute size list')
  expect(said(500, 'Server Error')).toBeNull()
})
