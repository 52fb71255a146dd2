import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'

export const tarball = 'rke2.linux-amd64.tar.gz'
export const sums = 'sha256sum-amd64.txt'
const images = 'rke2-images.linux-amd64.tar.gz'

/** The units, environment files and scripts of the lab's RKE2, which are as strict as those of the real one. */
const bundle = join(import.meta.dirname, '../../lab/rke2/bundle')

/** A program that is as much of rke2 as these tests need: it tells its version and becomes ready. */
const program = (version: string): string => `#!/bin/sh
case "$1" in
  --version) echo "rke2 version ${version} (0000000)" ;;
  *) systemd-notify --ready; exec sleep infinity ;;
esac
`

/** Writes a release's files into a folder: tarball, an image archive and the sums of both. */
export function makeRelease(folder: string, version: string): void {
  const root = join(folder, '.root')
  cpSync(bundle, root, { recursive: true })
  writeFileSync(join(root, 'bin/rke2'), program(version), { mode: 0o755 })
  execFileSync('tar', ['-czf', join(folder, tarball), '-C', root, 'bin', 'lib', 'share'])
  writeFileSync(join(folder, images), `images of ${version}`)
  writeFileSync(join(folder, sums), [tarball, images].map(name => `${sha256(join(folder, name))}  ${name}\n`).join(''))
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

export interface ReleaseServer extends AsyncDisposable {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly requests: string[]
  /** Answers before the files do, when it returns true. */
  fault: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
}

/** Serves `<folder>/<version>/…` below its URL, as the release server does. */
export async function serveReleases(folder: string, address: string): Promise<ReleaseServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    if (released.fault?.(request, response)) return
    try {
      response.end(readFileSync(join(folder, decodeURIComponent(request.url ?? ''))))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the release server has no port')
  const released: ReleaseServer = {
    url: `http://${address}:${bound.port}`,
    requests,
    fault: undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return released
}
