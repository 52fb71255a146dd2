import fastify, { type FastifyInstance } from 'fastify'
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { countRequests, type RequestCount } from './countRequests.ts'

let server: FastifyInstance
let requests: RequestCount
let url: string
let answer: PromiseWithResolvers<void>
beforeEach(async () => {
  answer = Promise.withResolvers()
  server = fastify()
  requests = countRequests(server)
  server.get('/healthz', () => 'ok')
  server.get('/slow', async () => {
    await answer.promise
    return 'ok'
  })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => server.close())

it('a request is open until it is answered, and nobody is idle before', async () => {
  const asked = fetch(`${url}/slow`)
  await expect.poll(() => requests.open, { timeout: 10_000 }).toBe(1)
  let isIdle = false
  const idle = requests.idle(() => 0).then(() => (isIdle = true))
  await after(50)
  expect(isIdle).toBe(false)
  answer.resolve()
  await (await asked).text()
  await idle
  expect([requests.open, requests.visited]).toEqual([0, false])
})

it('a visitor is one who looked whether the server is there; how long it is waited for is asked after each request', async () => {
  const waits: number[] = []
  const idle = requests.idle(() => {
    const wait = requests.visited ? 100 : 60_000
    waits.push(wait)
    return wait
  })
  await (await fetch(`${url}/healthz`)).text()
  await idle
  expect(requests.visited).toBe(true)
  expect(waits).toEqual([60_000, 100])
})

it('who follows a run counts only where the server goes on for him; who reads a log counts', async () => {
  const other = fastify()
  let goesOn = false
  const count = countRequests(other, () => goesOn)
  const open: string[] = []
  const held = async ({ url: asked }: { url: string }) => {
    open.push(asked)
    await answer.promise
    return 'ok'
  }
  other.get('/api/v1/runs/r/events', held)
  other.get('/api/v1/runs/r/log', held)
  const at = await other.listen({ host: '127.0.0.1', port: 0 })
  const asked = ['events?after=1', 'log?stage=a&follow=true', 'log?after=1'].map(path =>
    fetch(`${at}/api/v1/runs/r/${path}`),
  )
  await expect.poll(() => open.length, { timeout: 10_000 }).toBe(3)
  expect(count.open).toBe(1)
  goesOn = true
  expect(count.open).toBe(3)
  answer.resolve()
  await Promise.all(asked)
  await other.close()
})

it('who follows the events of all runs keeps no server, since that never ends; who reads a page of them counts', async () => {
  const other = fastify()
  const count = countRequests(other)
  const open: string[] = []
  const held = async ({ url: asked }: { url: string }) => {
    open.push(asked)
    await answer.promise
    return 'ok'
  }
  other.get('/api/v1/events', held)
  other.get('/api/v1/clusters/c/events', held)
  const at = await other.listen({ host: '127.0.0.1', port: 0 })
  const asked = [
    fetch(`${at}/api/v1/events?newest=3&follow=true`),
    fetch(`${at}/api/v1/clusters/c/events`, { headers: { accept: 'text/event-stream' } }),
    fetch(`${at}/api/v1/clusters/c/events?limit=3`),
  ]
  await expect.poll(() => open.length, { timeout: 10_000 }).toBe(3)
  expect(count.open).toBe(1)
  answer.resolve()
  await Promise.all(asked)
  expect(count.open).toBe(0)
  await other.close()
})
