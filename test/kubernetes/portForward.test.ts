import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type Server } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { type ClusterClient, openClusterClient } from '../../src/kubernetes/client.ts'
import { podBehindService, readyPod } from '../../src/kubernetes/podBehind.ts'
import { openPortForward } from '../../src/kubernetes/portForward.ts'
import { nodes, pods } from '../../src/kubernetes/resources.ts'
import { applyMigrations } from '../../src/postgres/migrations/apply.ts'
import { readMigrations } from '../../src/postgres/migrations/files.ts'
import { openPostgres, type PostgresTarget } from '../../src/postgres/session.ts'
import { createAuthority, ensureLeaf } from '../../lab/rke2/certificates.ts'
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

const database: PostgresTarget = {
  host: 'shop-primary.test',
  port: 5432,
  user: 'slipway',
  password: '',
  database: 'postgres',
  tls: { mode: 'off' },
  connect: around => openPortForward(plane.access, { kind: 'direct' }, target, around),
}

it('a database is spoken with through the API server, without a port of this machine', async () => {
  await using session = await openPostgres(database, signal)
  expect(await session.rows('SELECT sum(i)::text AS sum FROM generate_series(1, 100000) i')).toEqual([
    { sum: '5000050000' },
  ])
  const files = [{ path: '1_a.sql', contents: Buffer.from('create table a (); select pg_sleep(0.1)') }]
  const reading = readMigrations(files)
  if (!reading.ok) throw new Error(reading.faults[0]?.message)
  const order = { migrations: reading.migrations, by: 'a test', isAccepted: () => false }
  expect(await applyMigrations(database, order, signal, () => {})).toMatchObject([{ name: '1_a.sql' }])
  expect(await applyMigrations(database, order, signal, () => {})).toEqual([])
})

it('it proves who it is by the certificate of its name, where that is asked for', async () => {
  await createAuthority(join(plane.folder, 'postgres-ca'), 'postgres-ca')
  const stem = join(plane.folder, 'postgres')
  const subject = { commonName: 'postgres', uses: ['serverAuth' as const], names: ['shop-primary.test'] }
  await ensureLeaf(stem, { stem: join(plane.folder, 'postgres-ca') }, subject)
  await using session = await openPostgres(database, signal)
  for (const name of ['crt', 'key']) {
    const lines = `string_to_array('${readFileSync(`${stem}.${name}`, 'utf8').trim()}', E'\n')`
    await session.run(`COPY (SELECT unnest(${lines})) TO PROGRAM 'umask 077; cat > server.${name}'`)
  }
  await session.run('ALTER SYSTEM SET ssl = on')
  await session.run('SELECT pg_reload_conf()')
  const ca = readFileSync(join(plane.folder, 'postgres-ca.crt'), 'utf8')
  const encrypted = async (tls: PostgresTarget['tls'], host = database.host) => {
    await using over = await openPostgres({ ...database, host, tls }, signal)
    return await over.rows('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
  }
  await until('it offers TLS', () =>
    encrypted({ mode: 'require' }).then(
      () => true,
      () => false,
    ),
  )
  expect(await encrypted({ mode: 'verify', ca })).toEqual([{ ssl: true }])
  expect(await encrypted({ mode: 'prefer' })).toEqual([{ ssl: true }])
  expect(await encrypted({ mode: 'off' })).toEqual([{ ssl: false }])
  for (const mode of ['require', 'off'] as const) {
    const stop = new AbortController()
    await using broken = await openPostgres({ ...database, tls: { mode } }, stop.signal)
    const asleep = broken.rows('SELECT pg_sleep(60)')
    setImmediate(() => stop.abort())
    await expect(asleep).rejects.toMatchObject({ name: 'AbortError' })
  }
  await expect(encrypted({ mode: 'verify', ca }, 'other.test')).rejects.toThrow(/other\.test/)
  await expect(encrypted({ mode: 'verify', ca: plane.ca })).rejects.toMatchObject({ code: 'postgres-unreachable' })
})

it('bytes come back as they were sent, however many, also to one who reads later', async () => {
  const sent = randomBytes(8 * 1024 * 1024)
  const stream = await forward(7)
  const parts: Buffer[] = []
  const received = new Promise<void>((resolve, reject) => {
    let length = 0
    stream.on('error', reject).on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length >= sent.length) resolve()
    })
  })
  for (let at = 0; at < sent.length; at += 100_000)
    if (!stream.write(sent.subarray(at, at + 100_000))) await once(stream, 'drain')
  await received
  expect(Buffer.concat(parts).equals(sent)).toBe(true)
  stream.destroy()
})

it('nothing is lost of what comes together with the first answer', async () => {
  const key = {
    cert: readFileSync(join(plane.folder, 'server.crt')),
    key: readFileSync(join(plane.folder, 'server.key')),
  }
  const server = createHttpsServer(key)
  new WebSocketServer({ server }).on('connection', kubelet => {
    for (const message of [
      [0, 7, 0],
      [1, 7, 0],
      [0, 65],
    ])
      kubelet.send(Uint8Array.from(message))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const at = server.address()
  const access = { ...plane.access, server: `https://127.0.0.1:${typeof at === 'object' && at?.port}` }
  const stream = await openPortForward(access, { kind: 'direct' }, { ...target, port: 7 }, signal)
  expect(String((await once(stream, 'data'))[0])).toBe('A')
  stream.destroy()
  server.close()
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

it('the pod behind a Service, or with some labels, is found when it is ready', async () => {
  const labels = { app: 'db' }
  const meta = (name: string) => ({ namespace: 'default', name })
  const object = (kind: string, rest: object) => JSON.stringify({ kind, ...rest })
  const behind = (name: string, port = 15432) => podBehindService(client, meta(name), port, { signal })
  await expect(behind('db')).rejects.toThrow('there is no such Service')
  const spec = { clusterIP: 'None', ports: [{ name: 'sql', port: 15432, targetPort: 'sql' }] }
  plane.kubectl(['apply', '-f', '-'], object('Service', { apiVersion: 'v1', metadata: meta('db'), spec }))
  await expect(behind('db')).rejects.toMatchObject({
    code: 'port-forward-failed',
    message: 'Service default/db: it leads to no pod that is ready',
  })
  const endpoint = (name: string, ready: boolean) => ({
    addresses: ['10.9.9.9'],
    conditions: { ready },
    targetRef: { kind: 'Pod', name },
  })
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { ...meta('db-1'), labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    endpoints: [endpoint('db-0', true), endpoint('db-00', false)],
    ports: [
      { name: 'other', port: 1 },
      { name: 'sql', port: 5432 },
    ],
  }
  plane.kubectl(['apply', '-f', '-'], object('EndpointSlice', slice))
  expect(await behind('db')).toEqual(target)
  await expect(behind('db', 1)).rejects.toThrow('it has no port 1')

  const ready = () => readyPod(client, 'default', 'app=db', { signal })
  await expect(ready()).rejects.toThrow('no pod app=db in default is ready')
  await client.patch(pods, place, { kind: 'merge', body: { metadata: { labels } } }, { signal })
  expect((await ready()).metadata.name).toBe('db-0')
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
