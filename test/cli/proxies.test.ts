import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

/** A server on this machine is never reached through a proxy: every command works beside one that answers nonsense. */

let proxy: Server
let asked: string[]
let desk: Desk
beforeEach(async () => {
  asked = []
  proxy = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`)
    reply.writeHead(502).end('{"error":{"code":"internal","detail":"this is the proxy"}}')
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  await desk[Symbol.asyncDispose]()
  proxy.close()
  expect(asked).toEqual([])
})

const url = (): string => {
  const address = proxy.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

async function deskWith(environment: NodeJS.ProcessEnv): Promise<void> {
  desk = await openDesk({ machines: 'folders', environment })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText({ servers: ['m1'], workers: [] }))
  await mkdir(join(desk.world, 'm1'))
}

const held = () => join(desk.world, 'm1', 'hold')
const done = async (...words: readonly string[]) => {
  const { code, stdout, stderr } = await desk.slipway(words)
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

const environments = [
  ['as a CI sets them', () => ({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url(), HTTPS_PROXY: url() })],
  [
    'in lower case, for everything',
    () => ({
      NODE_USE_ENV_PROXY: '1',
      http_proxy: url(),
      https_proxy: url(),
      ALL_PROXY: url(),
      NO_PROXY: 'example.org',
    }),
  ],
  ['by an option of Node', () => ({ NODE_OPTIONS: '--use-env-proxy', HTTP_PROXY: url(), no_proxy: '' })],
] as const

describe.each(environments)('proxies that are set %s', (_how, environment) => {
  it('are not used by a command that is its own server, nor by the events of its run', async () => {
    await deskWith(environment())
    expect(await done('plan', '-f', 'cluster.yaml')).toContain('install v1.34.1+rke2r1')
    const applied = await desk.slipway(['apply', '-f', 'cluster.yaml', '--yes'])
    expect(applied.stderr).toMatch(/working on m1[^]*completed in/)
    expect(applied.code).toBe(0)
    const [{ id }] = JSON.parse(await done('runs', 'demo', '-o', 'json'))
    expect(await done('logs', id)).toContain('m1 says line 3')
  })
})

it('proxies are not used by commands that go to a server, nor by the log that they follow', async () => {
  await deskWith({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url(), http_proxy: url() })
  await writeFile(held(), '')
  const server = await desk.serve()
  const applying = desk.start(['apply', '-f', 'cluster.yaml', '--yes'])
  const applied = once(applying, 'close')
  applying.stderr.resume()
  applying.stdout.resume()
  await until('m1 is worked on', () => existsSync(join(desk.world, 'executed')))
  const [{ id }] = JSON.parse(await done('runs', 'demo', '-o', 'json'))
  const following = desk.start(['logs', '-f', id])
  const followed = once(following, 'close')
  let shown = ''
  following.stdout.on('data', (data: Buffer) => (shown += data.toString()))
  await until('the log is followed', () => shown.includes('m1 says line 3'))
  for (const words of [['status'], ['plan', 'demo'], ['nodes', 'demo'], ['inventory', 'export', 'demo'], ['doctor']])
    await done(...words)
  await rm(held())
  expect(await applied).toEqual([0, null])
  expect(await followed).toEqual([0, null])
  expect(await done('kubeconfig', 'demo')).toContain('kind: Config')
  await server.stop()
})
