import type { Agent, IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'

export interface Request {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface Reply {
  readonly status: number
  /** The body as it comes; rejects when the connection breaks. */
  readonly body: AsyncIterable<Uint8Array>
  text(): Promise<string>
}

/**
 * One request to a server. Not by fetch, because loading that takes longer than all else that a quick command does; and
 * an import of node:http would load it as well. A server on this machine is never asked through a proxy, whatever the
 * environment says of proxies (NODE_USE_ENV_PROXY, --use-env-proxy): it would ask another machine.
 */
export async function exchange(url: URL, { method, headers = {}, body, signal }: Request): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { request: send } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const agent = isOnThisMachine(url.hostname) ? direct(url.protocol) : undefined
  const request = send(
    url,
    { method, headers: { ...headers }, ...(signal && { signal }), ...(agent && { agent }) },
    resolve,
  )
  request.on('error', reject)
  request.end(body)
  const response = await promise
  return { status: response.statusCode ?? 0, body: response, text: () => text(response) }
}

const directAgents = new Map<string, Agent>()

/** Keeps connections as Node's own agent does, and knows no proxies: it is not given the environment. */
function direct(protocol: string): Agent {
  const known = directAgents.get(protocol)
  if (known) return known
  const options = { keepAlive: true, timeout: 5000 }
  const agent =
    protocol === 'https:'
      ? new (process.getBuiltinModule('node:https').Agent)(options)
      : new (process.getBuiltinModule('node:http').Agent)(options)
  directAgents.set(protocol, agent)
  return agent
}

/** Loopback in all its spellings, and the addresses that this machine has. */
export function isOnThisMachine(hostname: string): boolean {
  const { BlockList, isIP } = process.getBuiltinModule('node:net')
  const name = hostname.replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  const family = isIP(name)
  if (family === 0) return false
  const own = new BlockList()
  own.addSubnet('127.0.0.0', 8)
  own.addAddress('0.0.0.0')
  own.addAddress('::1', 'ipv6')
  own.addAddress('::', 'ipv6')
  for (const list of Object.values(networkInterfaces()))
    for (const { address, family: kind } of list ?? []) own.addAddress(address, kind === 'IPv6' ? 'ipv6' : 'ipv4')
  return own.check(name, family === 6 ? 'ipv6' : 'ipv4')
}
