import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ClusterClient, openClusterClient } from '../../src/kubernetes/client.ts'
import { openPortForward } from '../../src/kubernetes/portForward.ts'
import { nodes, pods } from '../../src/kubernetes/resources.ts'
import { freePort } from '../freePort.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { until } from '../until.ts'
import { type ControlPlane, knownToken, startControlPlane } from './controlPlane.ts'

let plane: ControlPlane
let client: ClusterClient
let postgres: PostgresServer
let echo: Server
beforeAll(async () => {
  postgres = await startPostgres()
  echo = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const address = echo.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  plane = await startControlPlane('scheduler', {
    forward: { 5432: postgres.port, 7: address.port, 9: await freePort() },
  })
  client = await openClusterClient(plane.access)
  const status = {
    capacity: { pods: '10' },
    allocatable: { pods: '10' },
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: plane.kubeletPort } },
  }
  await client.create(nodes, { metadata: { name: 'n1' }, status }, { signal })
  const spec = { containers: [{ name: 'postgres', image: 'test' }] }
  await client.create(pods, { metadata: { namespace: 'default', name: 'db-0' }, spec }, { signal })
  await until('the pod runs', async () => {
    const pod = await client.get(pods, place, { signal })
    return pod?.status?.phase === 'Running'
  })
})
afterAll(async () => {
  echo?.close()
  await client?.close()
  await plane?.[Symbol.asyncDispose]()
  await postgres?.stop()
})

const { signal } = new AbortController()
const place = { namespace: 'default', name: 'db-0' }
const target = { namespace: 'default', pod: 'db-0', port: 5432 }
const forward = (port: number, pod = 'db-0') =>
  openPortForward(plane.access, { kind: 'direct' }, { ...target, pod, port }, signal)

it('a database is spoken with through the API server, without a port of this machine', async () => {
  const stream = await forward(5432)
  const database = new pg.Client({ user: 'slipway', database: 'postgres', stream: () => stream })
  await database.connect()
  const { rows } = await database.query<{ sum: string }>('SELECT sum(i)::text AS sum FROM generate_series(1, 100000) i')
  expect(rows).toEqual([{ sum: '5000050000' }])
  const closed = once(stream, 'close')
  await database.end()
  await closed
})

it('bytes come back as they were sent, however many, also to one who reads later', async () => {
  const sent = randomBytes(8 * 1024 * 1024)
  const stream = await forward(7)
  const reading = (async () => {
    const parts: Buffer[] = []
    let length = 0
    for await (const part of stream) {
      const bytes = Buffer.from(part)
      parts.push(bytes)
      length += bytes.length
      if (length >= sent.length) break
    }
    return Buffer.concat(parts)
  })()
  for (let at = 0; at < sent.length; at += 100_000)
    if (!stream.write(sent.subarray(at, at + 100_000))) await once(stream, 'drain')
  expect((await reading).equals(sent)).toBe(true)
})

it('the way to the API server may be a socket, as SSH forwards one', async () => {
  const path = join(plane.folder, 'api.sock')
  const server = createServer(socket => {
    const onward = connect(plane.port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const one of [socket, onward]) one.on('error', () => {})
  }).listen(path)
  await once(server, 'listening')
  const stream = await openPortForward(plane.access, { kind: 'socket', path }, { ...target, port: 7 }, signal)
  stream.write('hello')
  expect(String((await once(stream, 'data'))[0])).toBe('hello')
  stream.destroy()
  server.close()
})

it('a proxy of the kubeconfig is used', async () => {
  const asked: string[] = []
  const proxy = createHttpServer().on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    const onward = connect(plane.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(onward).pipe(socket)
    for (const one of [socket, onward]) one.on('error', () => {})
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const at = proxy.address()
  const access = { ...plane.access, proxy: `http://me:hunter2@127.0.0.1:${typeof at === 'object' && at?.port}` }
  const stream = await openPortForward(access, { kind: 'direct' }, { ...target, port: 7 }, signal)
  stream.write('hello')
  expect(String((await once(stream, 'data'))[0])).toBe('hello')
  expect(asked).toEqual([`127.0.0.1:${plane.port} Basic ${Buffer.from('me:hunter2').toString('base64')}`])
  stream.destroy()
  proxy.close()
})

it('what does not lead there is told apart: no pod, no listener, no right, no API server', async () => {
  await expect(forward(5432, 'db-7')).rejects.toMatchObject({
    code: 'port-forward-failed',
    message: 'Pod default/db-7, port 5432: there is no such pod',
  })
  const stream = await forward(9)
  await expect(once(stream, 'data')).rejects.toMatchObject({
    code: 'port-forward-failed',
    message: 'Pod default/db-0, port 9: nothing listens there',
  })
  const nobody = { ...plane.access, certificate: null, authorization: `Bearer ${knownToken}` }
  await expect(openPortForward(nobody, { kind: 'direct' }, { ...target, port: 7 }, signal)).rejects.toMatchObject({
    code: 'api-forbidden',
    message: expect.stringContaining('pods/portforward'),
  })
  const elsewhere = { ...plane.access, server: `https://127.0.0.1:${await freePort()}` }
  await expect(openPortForward(elsewhere, { kind: 'direct' }, { ...target, port: 7 }, signal)).rejects.toMatchObject({
    code: 'api-unreachable',
  })
  const untrusted = { ...plane.access, ca: null }
  await expect(openPortForward(untrusted, { kind: 'direct' }, { ...target, port: 7 }, signal)).rejects.toMatchObject({
    code: 'api-untrusted',
  })
  await expect(openPortForward(plane.access, { kind: 'direct' }, target, AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError',
  })
})

it('an API server that goes away loses the connection', async () => {
  const lost = await forward(7)
  lost.write('hello')
  await once(lost, 'data')
  const failed = once(lost, 'close').then(
    () => null,
    (error: unknown) => error,
  )
  await plane.restartServer()
  expect(await failed).toMatchObject({ code: 'port-forward-failed', facts: { passing: true } })
})
