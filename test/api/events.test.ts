import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { pageOf } from '../../src/contract/page.ts'
import { eventShape, type PlacedEvent, placedEventShape } from '../../src/contract/events.ts'
import { identifyWorker } from '../../src/processes/workerIdentity.ts'
import { clusterText } from '../cli/clusterText.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { serverKind } from '../store/databases.ts'
import { clusterFileOf, node } from '../store/fixtures.ts'
import { onePlan } from '../store/onePlan.ts'
import { until } from '../until.ts'
import { type Api, openApi } from './server.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const document = (source: string) => ({ name: 'cluster.yaml', source, files: {} })

let clusters = 0
/** Installs a cluster. Returns the run. */
async function install(name: string): Promise<string> {
  clusters++
  const source = clusterText({ name, net: clusters, servers: [`m${clusters}`], workers: [`w${clusters}`] })
  const body = { approve: null, document: document(source) }
  const answer = await api.call('POST', `/api/v1/clusters/${name}/runs`, { body })
  const { run } = z.object({ run: z.string() }).parse(answer.json())
  await api.call('GET', `/api/v1/runs/${run}/events`)
  return run
}

const pageShape = pageOf(placedEventShape)
async function pages(path: string, limit: number): Promise<PlacedEvent[]> {
  const all: PlacedEvent[] = []
  for (let after: string | null = '0-0'; after !== null; ) {
    const answer = await api.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}&after=${after}`)
    expect(answer).toMatchObject({ status: 200, type: 'application/json' })
    const { items, next } = pageShape.parse(answer.json())
    expect(items.length).toBeLessThanOrEqual(limit)
    all.push(...items)
    after = next
  }
  return all
}

/** What a stream has sent until so many events came; then the client goes away. */
async function streamed(path: string, count: number, headers: Record<string, string> = {}): Promise<PlacedEvent[]> {
  let text = ''
  let type = ''
  const asked = get(
    new URL(path, api.url),
    { headers: { authorization: `Bearer ${api.token}`, ...headers }, agent: false },
    response => {
      type = response.headers['content-type'] ?? ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    },
  )
  asked.on('error', () => {})
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .filter(part => part.includes('data: '))
  await until(`${count} events have come`, () => events().length >= count)
  asked.destroy()
  expect(type).toMatch(/^text\/event-stream/)
  return events().map(part => {
    const [id, name, data] = part.split('\n').map(line => line.slice(line.indexOf(': ') + 2))
    const event = placedEventShape.parse(JSON.parse(data ?? ''))
    expect([id, name]).toEqual([event.position, event.type])
    return event
  })
}

const names = (events: readonly PlacedEvent[]) => events.map(({ run, seq }) => `${run} ${seq}`)

it('events of all runs, or of a cluster’s, come in pages and as a stream, in the same order', async () => {
  const runs = await Promise.all(['one', 'two'].map(install))
  const all = await pages('/api/v1/events', 7)
  expect(new Set(all.map(({ run }) => run))).toEqual(new Set(runs))
  expect(all.filter(({ type }) => type === 'run-completed')).toHaveLength(2)
  expect(names(await pages('/api/v1/events', 1000))).toEqual(names(all))
  expect(names(await streamed('/api/v1/events?follow=true', all.length))).toEqual(names(all))

  const one = all.filter(({ subject }) => subject.name === 'one')
  expect(one[0]).toMatchObject({ seq: 1, type: 'run-queued', subject: { kind: 'cluster', name: 'one' } })
  expect(names(await pages('/api/v1/clusters/one/events', 3))).toEqual(names(one))
  const accept = { accept: 'text/event-stream' }
  expect(names(await streamed('/api/v1/clusters/one/events', one.length, accept))).toEqual(names(one))

  const ended = await pages('/api/v1/events?type=run-queued,run-completed', 1)
  expect(names(ended)).toEqual(names(all.filter(({ type }) => type === 'run-queued' || type === 'run-completed')))
  const newest = pageShape.parse((await api.call('GET', '/api/v1/events?newest=2')).json())
  expect(newest).toMatchObject({ next: null })
  expect(names(newest.items)).toEqual(names(all.slice(-2)))
})

it('a client that comes back goes on behind what it has seen, and is told what happens now', async () => {
  const before = await pages('/api/v1/events', 100)
  const seen = before.at(4)?.position ?? ''
  const rest = before.length - 5
  // The header is what a browser sends by itself, to the address that it had asked first.
  const first = await streamed('/api/v1/events?follow=true&newest=1', rest, { 'last-event-id': seen })
  expect(names(first)).toEqual(names(before.slice(5)))
  const now = streamed(`/api/v1/events?follow=true&after=${before.at(-1)?.position}`, 2)
  const run = await install('three')
  expect(names(await now).slice(0, 2)).toEqual([`${run} 1`, `${run} 2`])
})

it.each([
  ['?after=7', 400],
  ['?after=x-1', 400],
  ['?after=2-7', 400],
  ['?after=1-999999999', 400],
  ['?after=0-0&newest=3', 400],
  ['?newest=1001', 400],
  ['?type=nonsense', 400],
  ['?limit=0', 400],
])('what cannot be meant is refused: %s', async (query, status) => {
  for (const path of ['/api/v1/events', '/api/v1/clusters/one/events'])
    expect(await api.call('GET', path + query)).toMatchObject({ status, type: 'application/problem+json' })
})

it('says so when there is no such cluster', async () => {
  expect(await api.call('GET', '/api/v1/clusters/nowhere/events')).toMatchObject({ status: 404 })
})

const server = serverKind()

it('tens of thousands of events reach a client that reads slowly, while others write on, over both streams', async () => {
  const database = await server.create()
  const store = await database.open()
  const plan = onePlan('many', 0)
  await store.records.savePlan(plan, 'test')
  const run = await store.records.createRun(plan, { by: 'test', accepted: [] })
  // Nobody else takes it up.
  await store.records.claim(identifyWorker('test'), 120_000, [])
  const shared = await openApi({ location: database.location, key: randomBytes(32) })
  const count = 15_000
  const read = async (path: string) => {
    const answer = await fetch(new URL(path, shared.url), { headers: { authorization: `Bearer ${shared.token}` } })
    const seen: number[] = []
    let rest = ''
    for await (const bytes of answer.body ?? []) {
      const parts = (rest + Buffer.from(bytes).toString('utf8')).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data !== undefined) seen.push(eventShape.parse(JSON.parse(data)).seq)
      }
      await new Promise(resolve => setImmediate(resolve))
      if (seen.length > count) break
    }
    return seen
  }
  const readers = [
    `/api/v1/events?follow=true`,
    '/api/v1/clusters/many/events?follow=true',
    `/api/v1/runs/${run}/events`,
  ]
  await applyDesiredState(store.database, clusterFileOf('many', [node('m1', '10.9.0.1', 'initial_master')]))
  const reading = readers.map(read)
  for (let written = 0; written < count; written += 250)
    await store.records.write(
      run,
      { events: Array.from({ length: 250 }, (_, index) => ({ type: 'progress', message: String(written + index) })) },
      { lease: null },
    )
  const expected = Array.from({ length: count + 1 }, (_, index) => index + 1)
  for (const seen of await Promise.all(reading)) expect(seen).toEqual(expected)
  await shared[Symbol.asyncDispose]()
  await store.close()
  await database.remove()
})
