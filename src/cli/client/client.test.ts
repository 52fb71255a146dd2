import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { createClient } from './client.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

/** A client of a server that answers as it is told. */
async function clientOf(answer: (request: IncomingMessage, reply: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  // Long enough for a server on a machine that other tests keep busy.
  const patience = { read: 500, act: 900, silence: 700 }
  return createClient({ url: `http://127.0.0.1:${port}`, token: 't' }, { patience })
}
const any = z.unknown()
const noAnswer = { code: 'server-unreachable', cause: expect.anything() }

it('waits for an answer no longer than an answer may take', async () => {
  const client = await clientOf(() => {})
  const began = performance.now()
  await expect(client.get('/runs/a', any)).rejects.toMatchObject(noAnswer)
  const read = performance.now() - began
  await expect(client.post('/plans', {}, any)).rejects.toMatchObject(noAnswer)
  const acted = performance.now() - began - read
  expect(read).toBeGreaterThan(490)
  expect(acted).toBeGreaterThan(890)
  const looked = performance.now()
  await expect(client.look('/clusters/a/drift', any)).rejects.toMatchObject(noAnswer)
  expect(performance.now() - looked).toBeGreaterThan(890)
  await expect(client.stream('/runs/a/events', new AbortController().signal)).rejects.toMatchObject(noAnswer)
})

it('waits no longer for an answer that began and does not end', async () => {
  const client = await clientOf((_, reply) => reply.write('{'))
  await expect(client.get('/runs/a', any)).rejects.toMatchObject(noAnswer)
  await expect(client.text('/runs/a')).rejects.toMatchObject(noAnswer)
})

it('is left without an answer by the signal it was given, with that signal’s reason', async () => {
  const client = await clientOf(() => {})
  const left = new Error('somebody leaves')
  const stop = new AbortController()
  const asked = client.post('/plans', {}, any, stop.signal)
  stop.abort(left)
  await expect(asked).rejects.toBe(left)
})

it('takes a stream for lost when it is silent, and not while it says something', async () => {
  const client = await clientOf((_, reply) => {
    reply.write('one')
    const timer = setInterval(() => reply.write('.'), 150)
    setTimeout(() => clearInterval(timer), 1400)
  })
  const pieces: string[] = []
  const read = async () => {
    const stream = await client.stream('/runs/a/log', new AbortController().signal)
    for await (const piece of stream) pieces.push(Buffer.from(piece).toString())
  }
  await expect(read()).rejects.toMatchObject({ ...noAnswer, message: expect.stringContaining('broke off') })
  expect(pieces.join('').length).toBeGreaterThan(6)
})

it('takes a stream for alive as long as its reader takes for a piece', async () => {
  const client = await clientOf((_, reply) => {
    reply.write('one')
    reply.end('two')
  })
  const stream = await client.stream('/runs/a/log', new AbortController().signal)
  let text = ''
  for await (const piece of stream) {
    text += Buffer.from(piece).toString()
    await after(900)
  }
  expect(text).toBe('onetwo')
})
