import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { basename, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Fault, faultFor } from './faults.ts'

export interface ReleaseServer {
  /** The base of the artifacts: `<url>/v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz`. */
  url: string
  close(): Promise<void>
}

/** A sum of the right form that fits no file. */
const wrongSum = '0'.repeat(64)

/**
 * Serves packed releases in the layout of RKE2's own release downloads. Only a folder's own files are served.
 * A `+` in the path must be written `%2B`, as there; anything unknown is a 404.
 * `faultsFile` names a JSON file of faults, read at each request; see faults.ts.
 */
export async function startReleaseServer(options: {
  host: string
  /** 0 takes a free port. */
  port: number
  directory: string
  faultsFile?: string
}): Promise<ReleaseServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://releases')
    const [version, file, ...more] = decodeURIComponent(url.pathname).split('/').slice(1)
    const path = join(options.directory, version ?? '', file ?? '')
    const isFile =
      file !== undefined && more.length === 0 && normalize(path) === path && existsSync(path) && statSync(path).isFile()
    if (!isFile || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found')
      return
    }
    const fault = faultFor(url.searchParams, options.faultsFile, `${version}/${file}`)
    send(path, request.method === 'HEAD', fault, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function send(
  path: string,
  headOnly: boolean,
  fault: Fault | undefined,
  response: ServerResponse,
): Promise<void> {
  if (fault?.kind === 'status') {
    response.writeHead(fault.status).end()
    return
  }
  if (fault?.kind === 'wrong-checksum' && basename(path).startsWith('sha256sum')) {
    response.end(readFileSync(path, 'utf8').replace(/^[0-9a-f]{64}/gm, wrongSum))
    return
  }
  const size = statSync(path).size
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
  if (headOnly) {
    response.end()
    return
  }
  if (fault?.kind === 'cut') {
    await pipeline(createReadStream(path, { end: Math.floor(size / 2) }), response, { end: false })
    response.destroy()
    return
  }
  if (fault?.kind !== 'slow') {
    await pipeline(createReadStream(path), response)
    return
  }
  const perTenth = Math.max(1, Math.floor(fault.bytesPerSecond / 10))
  for await (const piece of createReadStream(path, { highWaterMark: perTenth })) {
    if (!response.write(piece)) await new Promise(resolve => response.once('drain', resolve))
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  response.end()
}
