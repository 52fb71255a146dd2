import type { IncomingMessage } from 'node:http'
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
 * an import of node:http would load it as well.
 */
export async function exchange(url: URL, { method, headers = {}, body, signal }: Request): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { request: send } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const request = send(url, { method, headers: { ...headers }, ...(signal && { signal }) }, resolve)
  request.on('error', reject)
  request.end(body)
  const response = await promise
  return { status: response.statusCode ?? 0, body: response, text: () => text(response) }
}
