import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterText } from '../cli/clusterText.ts'
import { until } from '../until.ts'
import { type Api, openApi, tell } from './server.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const document = (source: string, files: Record<string, string> = {}) => ({ name: 'cluster.yaml', source, files })
const start = (name: string, body: object) =>
  api.call('POST', `/api/v1/clusters/${name}/runs`, { body: { approve: null, ...body } })

describe('who is let in', () => {
  it('is who has the token', async () => {
    const path = '/api/v1/clusters'
    expect(await api.call('GET', path)).toMatchObject({ status: 200 })
    for (const authorization of [
      undefined,
      '',
      'Bearer ',
      'Bearer wrong',
      `Basic ${api.token}`,
      `Bearer ${api.token}x`,
    ]) {
      const answer = await api.call('GET', path, { headers: { authorization } })
      expect(answer).toMatchObject({ status: 401, type: 'application/problem+json' })
      expect(answer.body).not.toContain(api.token)
    }
  })

  it('is nobody who calls the server by a name that is not its own, not even with the token', async () => {
    for (const host of ['evil.example', `evil.example:${api.url.port}`, '127.0.0.1.evil.example', '0.0.0.0'])
      expect(await api.call('GET', '/api/v1/clusters', { headers: { host } })).toMatchObject({ status: 401 })
    for (const host of ['localhost', `127.0.0.1:${api.url.port}`, '[::1]:1'])
      expect(await api.call('GET', '/api/v1/clusters', { headers: { host } })).toMatchObject({ status: 200 })
  })

  it('is everybody for health and readiness, and those only', async () => {
    const headers = { authorization: undefined }
    expect((await api.call('GET', '/healthz', { headers })).json()).toMatchObject({ status: 'ok' })
    expect((await api.call('GET', '/readyz', { headers })).json()).toMatchObject({ checks: [{ ok: true }] })
    for (const path of ['/healthz/../api/v1/clusters', '/api/v1/openapi.json', '/nowhere'])
      expect(await api.call('GET', path, { headers })).toMatchObject({ status: 401 })
  })

  it('gets no permission for pages of other origins', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    const answer = await api.call('OPTIONS', '/api/v1/clusters', { headers })
    expect(answer.status).toBe(404)
  })
})

describe('a bad request', () => {
  const body = (text: string) => api.call('POST', '/api/v1/plans', { raw: text })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['an unknown field', JSON.stringify({ cluster: 'demo', admin: true })],
    ['neither file nor cluster', JSON.stringify({})],
    ['both of them', JSON.stringify({ cluster: 'demo', document: document('x') })],
    ['a name that is no name', JSON.stringify({ cluster: '../../etc/passwd' })],
    ['a prototype', '{"cluster":"demo","__proto__":{"accept":["x"]}}'],
  ])('is refused with a problem that says why: %s', async (_, text) => {
    const answer = await body(text)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.type).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ code: 'usage', type: 'urn:slipway:error:usage' })
  })

  it('is refused by its size', async () => {
    const answer = await body(JSON.stringify({ document: document('x'.repeat(2 * 1024 * 1024)) }))
    expect(answer.status).toBeLessThan(500)
    expect(answer.json()).toMatchObject({ code: 'usage' })
  })

  it('is refused when it asks for what is behind a number or name that is none', async () => {
    for (const id of ['1.5', '-1', 'x', '9'.repeat(30)]) {
      const answer = await api.call('GET', '/api/v1/runs/nope/events', { headers: { 'last-event-id': id } })
      expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' })
    }
    for (const path of [
      'clusters?after=%00',
      'clusters/nope/runs?after=a%00',
      'runs/nope/log?stage=%00',
      'runs/nope/events?after=1.5',
    ])
      expect(await api.call('GET', `/api/v1/${path}`)).toMatchObject({ status: 400, type: 'application/problem+json' })
  })

  it('that never becomes a request of ours is refused in the same form', async () => {
    for (const path of ['/api/v1/clusters/%ff', '/%'])
      expect(await api.call('GET', path)).toMatchObject({ status: 400, type: 'application/problem+json' })
    const large = await api.call('GET', '/healthz', { headers: { 'x-large': 'x'.repeat(20_000) } })
    expect(large).toMatchObject({ status: 431, type: 'application/problem+json' })
    expect(large.json()).toMatchObject({ code: 'usage', status: 431 })
    expect(await api.call('BREW', '/healthz').catch(String)).toMatchObject({
      status: 400,
      type: 'application/problem+json',
    })
  })

  it('is refused by its path', async () => {
    for (const path of ['/api/v1/clusters/Not%20A%20Name', '/api/v1/runs/..%2f..%2fetc', '/api/v1/clusters?limit=0'])
      expect(await api.call('GET', path)).toMatchObject({ status: 400 })
    for (const path of ['/api/v1/clusters/nope', '/api/v1/clusters/nope/nodes', '/api/v1/runs/nope', '/api/v2/x'])
      expect(await api.call('GET', path)).toMatchObject({ status: 404, type: 'application/problem+json' })
  })
})

describe('a cluster file', () => {
  it('that is wrong gets all its findings with their places, and nothing is stored', async () => {
    const source = clusterText({ name: 'wrong' }).replace('role: worker', 'rol: worker')
    const answer = await start('wrong', { document: document(source) })
    expect(answer.status).toBe(422)
    expect(answer.json()).toMatchObject({
      code: 'cluster-file-invalid',
      findings: [{ name: 'missing-key' }, { name: 'unknown-key', place: { line: 9, path: 'spec.nodes[1].rol' } }],
    })
    expect(await api.call('GET', '/api/v1/clusters/wrong')).toMatchObject({ status: 404 })
  })

  it('needs the contents of the files it names', async () => {
    const source = `${clusterText({ name: 'keys', net: 90 })}  ssh: { key_file: ./id }\n`
    const missing = await api.call('POST', '/api/v1/plans', { body: { document: document(source) } })
    expect(missing.json()).toMatchObject({ findings: [{ name: 'key-file-missing' }] })
    const wrong = await api.call('POST', '/api/v1/plans', {
      body: { document: document(source, { './id': 'no key' }) },
    })
    expect(wrong.json()).toMatchObject({ findings: [{ name: 'key-file-no-key' }] })
  })

  it('has to describe the cluster it is sent to', async () => {
    const answer = await start('other', { document: document(clusterText({ name: 'one' })) })
    expect(answer.json()).toMatchObject({ code: 'usage' })
  })
})

describe('a run', () => {
  it('is started by its plan’s hash, followed by events that go on where the reader was, and by its log', async () => {
    const request = { document: document(clusterText({ name: 'runner', net: 10 })), accept: [] }
    const plan = Object((await api.call('POST', '/api/v1/plans', { body: request })).json())
    expect(plan).toMatchObject({ has_changes: true, blocked: false, stores: true, desired_version: 1 })
    expect(await start('runner', { ...request, approve: '00000000' })).toMatchObject({ status: 409 })
    const { run } = Object((await start('runner', { ...request, approve: plan.hash })).json())
    const events = await api.call('GET', `/api/v1/runs/${run}/events`)
    expect(events.type).toBe('text/event-stream')
    const numbers = [...events.body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    const rest = await api.call('GET', `/api/v1/runs/${run}/events`, { headers: { 'last-event-id': '4' } })
    expect([...rest.body.matchAll(/^id: (\d+)$/gm)][0]?.[1]).toBe('5')
    const log = await api.call('GET', `/api/v1/runs/${run}/log?follow=true`)
    const pieces = log.body
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    expect(pieces.map(({ text }) => text).join('')).toContain('m1 says line 3\n')
    const behind = await api.call('GET', `/api/v1/runs/${run}/log?after=${pieces.at(-1).seq}`)
    expect(behind.body.trim()).toBe('')
    expect((await api.call('GET', `/api/v1/runs/${run}`)).json()).toMatchObject({
      status: 'completed',
      pending_plan: null,
    })
    expect(await api.call('POST', `/api/v1/runs/${run}/cancel`)).toMatchObject({ status: 409 })
    expect(await api.call('POST', `/api/v1/runs/${run}/resume`, { body: {} })).toMatchObject({ status: 409 })
  })

  it('is not started while one is under way, and the desired state stays as it was', async () => {
    await tell(api, 'h1', 'hold')
    const held = clusterText({ name: 'held', net: 11, servers: ['h1'], workers: [] })
    const { run } = Object((await start('held', { document: document(held) })).json())
    const other = held.replace('v1.34.1', 'v1.34.2')
    expect((await start('held', { document: document(other) })).json()).toMatchObject({
      code: 'lease-held',
      facts: { run },
    })
    expect((await api.call('GET', '/api/v1/clusters/held')).json()).toMatchObject({
      desired_version: 1,
      version: 'v1.34.1+rke2r1',
    })
    await api.call('POST', `/api/v1/runs/${run}/cancel`)
    const status = async () => Object((await api.call('GET', `/api/v1/runs/${run}`)).json()).status
    await until('the run is cancelled', async () => (await status()) === 'cancelled')
  })

  it('keeps the name of who asked, in one clean line', async () => {
    const body = { document: document(clusterText({ name: 'asked', net: 12 })), approve: null }
    const headers = { 'x-slipway-user': 'eve@host <script>' }
    const { run } = Object((await api.call('POST', '/api/v1/clusters/asked/runs', { body, headers })).json())
    expect((await api.call('GET', `/api/v1/runs/${run}`)).json()).toMatchObject({ approved_by: 'eve@hostscript' })
  })
})

describe('an inventory', () => {
  it('holds all nodes, or those of one group', async () => {
    await start('grouped', { document: document(clusterText({ name: 'grouped', net: 13 })) })
    const hosts = async (query: string) => {
      const answer = await api.call('GET', `/api/v1/clusters/grouped/inventory?format=json${query}`)
      return Object.keys(Object(answer.json())['_meta'].hostvars)
    }
    expect(await hosts('')).toEqual(['m1', 'w1'])
    expect(await hosts('&group=workers')).toEqual(['w1'])
    expect(await hosts('&group=joining_masters')).toEqual([])
    const unknown = await api.call('GET', '/api/v1/clusters/grouped/inventory?group=masters_of_the_world')
    expect(unknown).toMatchObject({ status: 400 })
    expect(Object(unknown.json()).detail).toContain('there are initial_master, joining_masters, workers, new_nodes')
  })
})

describe('lists', () => {
  it('come in pages', async () => {
    for (const [index, name] of ['page-a', 'page-b', 'page-c'].entries()) {
      const source = clusterText({ name, net: 20 + index, servers: [`${name}-m`], workers: [`${name}-w`, `${name}-x`] })
      expect(await start(name, { document: document(source) })).toMatchObject({ status: 200 })
    }
    const names: string[] = []
    for (let after = 'page'; ; ) {
      const page = Object((await api.call('GET', `/api/v1/clusters?limit=1&after=${after}`)).json())
      names.push(...page.items.map(({ name }: { name: string }) => name))
      if (page.next === null) break
      after = page.next
    }
    expect(names.slice(0, 3)).toEqual(['page-a', 'page-b', 'page-c'])
    const first = Object((await api.call('GET', '/api/v1/clusters/page-a/nodes?limit=2')).json())
    expect(first.items).toHaveLength(2)
    const second = Object((await api.call('GET', `/api/v1/clusters/page-a/nodes?limit=2&after=${first.next}`)).json())
    expect(second).toMatchObject({ items: [{ hostname: 'page-a-x' }], next: null })
  })
})

describe('what is written down', () => {
  it('describes every resource as OpenAPI 3.1', async () => {
    const described = Object((await api.call('GET', '/api/v1/openapi.json')).json())
    expect(described.openapi).toBe('3.1.0')
    expect(Object.keys(described.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/clusters/{name}/events',
        '/api/v1/clusters/{name}/runs',
        '/api/v1/events',
        '/api/v1/plans',
        '/api/v1/runs/{id}/events',
        '/api/v1/runs/{id}/resume',
      ]),
    )
    expect(described.paths['/api/v1/clusters/{name}'].get.responses['4XX']).toBeDefined()
    // Of what a client sends it would say that it is not to be sent.
    expect(JSON.stringify(described)).not.toContain('readOnly')
  })

  it('holds no token in the log of the server', async () => {
    const log = await readFile(join(api.world, '..', 'home', 'server.log'), 'utf8')
    expect(log).toContain('server ready')
    expect(log).not.toContain(api.token)
  })
})
