import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAuthority, ensureLeaf } from '../../lab/rke2/certificates.ts'
import type { ApiAccess } from '../../src/kubernetes/apiAccess.ts'
import { openClusterClient } from '../../src/kubernetes/client.ts'
import type { Way } from '../../src/kubernetes/connection.ts'
import { nodes } from '../../src/kubernetes/resources.ts'
import { freePort } from '../freePort.ts'
import { type ControlPlane, startControlPlane } from './controlPlane.ts'
import { issueExpired } from './expiredLeaf.ts'

let plane: ControlPlane
const servers: Server[] = []
beforeAll(async () => {
  plane = await startControlPlane()
  await createAuthority(join(plane.folder, 'other-ca'), 'other-ca')
})
afterAll(async () => {
  for (const server of servers) server.close()
  await plane?.[Symbol.asyncDispose]()
})

const { signal } = new AbortController()

async function versionOver(access: ApiAccess, way?: Way): Promise<string> {
  const client = await openClusterClient(access, way)
  try {
    return await client.version({ signal, deadline: 5000 })
  } finally {
    await client.close()
  }
}

/** On a port of 127.0.0.1, or on a socket. */
async function listening(server: Server, path?: string): Promise<void> {
  servers.push(server)
  server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path })
  await once(server, 'listening')
}

/** Hands on every connection to the API server's port. */
const forwarding = () =>
  createServer(socket => {
    const onward = connect(plane.port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })

it('a server that proves to be the one of the kubeconfig is asked, by address or by another name of it', async () => {
  await expect(versionOver(plane.access)).resolves.toMatch(/^v1/)
  await expect(versionOver({ ...plane.access, tlsServerName: 'api.test' })).resolves.toMatch(/^v1/)
  await expect(versionOver({ ...plane.access, server: `https://localhost:${plane.port}` })).resolves.toMatch(/^v1/)
  await expect(versionOver({ ...plane.access, ca: null, insecure: true })).resolves.toMatch(/^v1/)
})

it.each([
  ['an address', '127.0.0.1', '10.9.8.7'],
  ['a name', 'localhost', 'other.test'],
])('a certificate for another host than %s is named as that', async (_what, host, tlsServerName) => {
  await expect(
    versionOver({ ...plane.access, server: `https://${host}:${plane.port}`, tlsServerName }),
  ).rejects.toMatchObject({
    code: 'api-untrusted',
    message: `https://${host}:${plane.port}: its certificate is for other names than this one`,
  })
})

it('a certificate of another CA is named as that, and nothing is asked twice', async () => {
  const ca = readFileSync(join(plane.folder, 'other-ca.crt'), 'utf8')
  const began = performance.now()
  await expect(versionOver({ ...plane.access, ca })).rejects.toMatchObject({
    code: 'api-untrusted',
    message: `${plane.url}: its certificate is of another CA than the kubeconfig holds`,
  })
  expect(performance.now() - began).toBeLessThan(1000)
})

it('a certificate that has expired is named as that', async () => {
  const stem = issueExpired(plane.folder, join(plane.folder, 'ca'))
  const own = { cert: readFileSync(`${stem}.crt`), key: readFileSync(`${stem}.key`) }
  const server = createHttpsServer(own, (_request, response) => response.end('{}'))
  await listening(server)
  const access = { ...plane.access, server: `https://127.0.0.1:${portOf(server)}` }
  await expect(versionOver(access)).rejects.toMatchObject({
    code: 'api-untrusted',
    message: expect.stringContaining('its certificate, or its CA, has expired'),
  })
})

it('a certificate of ours that the API server does not know is named as that', async () => {
  const stem = join(plane.folder, 'stranger')
  await ensureLeaf(stem, { stem: join(plane.folder, 'other-ca') }, { commonName: 'stranger', uses: ['clientAuth'] })
  const certificate = { certificate: readFileSync(`${stem}.crt`, 'utf8'), key: readFileSync(`${stem}.key`, 'utf8') }
  await expect(versionOver({ ...plane.access, certificate })).rejects.toMatchObject({ code: 'api-unauthorized' })
})

it.each([
  ['http', () => createHttpServer((_request, response) => response.end('{}'))],
  ['another protocol', () => createServer(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))],
])('a port where %s is spoken is named as one without TLS', async (_what, create) => {
  const server = create()
  await listening(server)
  await expect(versionOver({ ...plane.access, server: `https://127.0.0.1:${portOf(server)}` })).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining('what answers there speaks no TLS'),
  })
})

it('a port where nobody listens is asked until time is over, and then named', async () => {
  const server = `https://127.0.0.1:${await freePort()}`
  await expect(versionOver({ ...plane.access, server })).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining(`${server}: connection refused`),
  })
})

it('a name that nothing has is named as that', async () => {
  await expect(versionOver({ ...plane.access, server: 'https://nothing.invalid:6443' })).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringMatching(/nothing has its name|its name cannot be resolved now/),
  })
})

it('the way through a Unix socket leads to the same server, which proves its name', async () => {
  const path = join(plane.folder, 'forward')
  await listening(forwarding(), path)
  const elsewhere = { ...plane.access, server: 'https://api.test:6443' }
  await expect(versionOver(elsewhere, { kind: 'socket', path })).resolves.toMatch(/^v1/)
  await expect(
    versionOver({ ...elsewhere, server: 'https://other.test:6443' }, { kind: 'socket', path }),
  ).rejects.toMatchObject({ code: 'api-untrusted' })
  await expect(versionOver(elsewhere, { kind: 'socket', path: `${path}-none` })).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining('the socket that leads to it is not there'),
  })
})

it('a proxy of the kubeconfig is used, and one that refuses is named', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createHttpServer()
  proxy.on('connect', (request, socket) => {
    asked.push(request.url)
    if (request.headers['proxy-authorization'] === undefined) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const onward = connect(plane.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(onward).pipe(socket)
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
  })
  await listening(proxy)
  const at = `127.0.0.1:${portOf(proxy)}`
  await expect(versionOver({ ...plane.access, proxy: `http://me:hunter2@${at}` })).resolves.toMatch(/^v1/)
  expect(asked).toEqual([`127.0.0.1:${plane.port}`])
  await expect(versionOver({ ...plane.access, proxy: `http://${at}` })).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining('407'),
  })
  const other = { ...plane.access, proxy: `http://me:hunter2@${at}`, tlsServerName: 'other.test' }
  await expect(versionOver(other)).rejects.toMatchObject({ code: 'api-untrusted' })
})

it('the end of a client breaks off what is under way', async () => {
  const client = await openClusterClient(plane.access)
  const { version } = await client.snapshot(nodes, {}, { signal })
  const ended = expect(
    Array.fromAsync(client.watch(nodes, {}, { version, silence: 60_000 }, signal)),
  ).rejects.toMatchObject({ message: expect.stringContaining('our side has ended the connection') })
  await client.close()
  await ended
  await expect(client.version({ signal })).rejects.toMatchObject({ facts: { passing: false } })
})

function portOf(server: Server): number {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return bound.port
}
