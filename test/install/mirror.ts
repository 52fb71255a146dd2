import { createServer, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface Mirror extends AsyncDisposable {
  /** Where the releases lie: a folder below the root, as on a company's own file server. */
  readonly url: string
  /** Paths that were asked for, and by whom, in order. */
  readonly requests: readonly { readonly path: string; readonly from: string }[]
}

const base = '/pub/mirrors/rke2'

/** A second server of the releases on this machine's address in the lab; it fetches each file from the first one. */
export async function startMirror(address: string, origin: string): Promise<Mirror> {
  const requests: { path: string; from: string }[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const path = request.url ?? ''
    requests.push({ path, from: request.socket.remoteAddress ?? '' })
    if (!path.startsWith(`${base}/`)) {
      response.writeHead(404).end()
      return
    }
    const found = await fetch(`${origin}${path.slice(base.length)}`, { method: request.method ?? 'GET' })
    response.writeHead(found.status, { 'content-length': found.headers.get('content-length') ?? '0' })
    if (found.body) await pipeline(Readable.fromWeb(found.body), response)
    else response.end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the mirror has no port')
  return {
    url: `http://${address}:${bound.port}${base}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
