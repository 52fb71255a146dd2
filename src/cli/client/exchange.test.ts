import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { isOnThisMachine } from './exchange.ts'

const run = promisify(execFile)
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

const dead = 'http://127.0.0.1:9'

it.each([
  { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: dead },
  { NODE_USE_ENV_PROXY: '1', http_proxy: dead, https_proxy: dead, ALL_PROXY: dead, NO_PROXY: 'example.org' },
  { NODE_OPTIONS: '--use-env-proxy', HTTP_PROXY: dead, no_proxy: '' },
])('a server on this machine is asked without a proxy, with %j', async environment => {
  const server = createServer((_, reply) => reply.end('answered')).listen(0, '127.0.0.1')
  undo.push(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const script = `
    const { exchange } = await import(${JSON.stringify(new URL('exchange.ts', import.meta.url).href)})
    const reply = await exchange(new URL('http://127.0.0.1:${port}/'), { method: 'GET' })
    process.stdout.write(await reply.text())`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  expect(stdout).toBe('answered')
})

it.each(['127.0.0.1', '127.1.2.3', 'localhost', '[::1]', '::1', '0.0.0.0', '[::ffff:127.0.0.1]'])(
  '%s is this machine',
  name => {
    expect(isOnThisMachine(name)).toBe(true)
  },
)

it('an address of this machine is this machine; others may need a proxy', () => {
  const addresses = () => Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
  // Those of the lab's hosts come and go.
  const others = addresses().filter(address => !isOnThisMachine(address))
  expect(addresses().filter(address => others.includes(address))).toEqual([])
  for (const name of ['slipway.example.org', '192.0.2.7', '[2001:db8::7]']) expect(isOnThisMachine(name)).toBe(false)
})
