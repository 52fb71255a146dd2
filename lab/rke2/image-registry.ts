import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { at, list, text } from './json.ts'

// containerd asks this registry first, whatever registry an image is of (`?ns=`), and then that one, which no host of the lab
// reaches. It has one image under many names: one in which a process sleeps.

const mediaType = 'application/vnd.oci.image.manifest.v1+json'

interface Answer {
  type: string
  digest: string
  content: Buffer
}

/** What there is for a path of OCI's protocol. `layout` is the image's OCI layout; undefined: nothing. */
export function imageAnswer(url: string, layout: string, repositories: ReadonlySet<string>): Answer | undefined {
  const { pathname, searchParams } = new URL(url, 'http://registry')
  const [, name, kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? []
  if (!repositories.has(`${searchParams.get('ns') ?? ''}/${name}`)) return undefined
  const index: unknown = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
  const manifest = text(at(list(at(index, 'manifests'))[0], 'digest')) ?? ''
  const digest = kind === 'manifests' && !reference.includes(':') ? manifest : reference
  const [, hash] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? []
  const file = hash === undefined ? undefined : join(layout, 'blobs/sha256', hash)
  if (file === undefined || !existsSync(file)) return undefined
  return { type: digest === manifest ? mediaType : 'application/octet-stream', digest, content: readFileSync(file) }
}

/** Serves the image in `folder`, under the names that its file `repositories` gives; `url` is where. */
export async function startImageRegistry(folder: string): Promise<{ url: string; server: Server }> {
  const lines = readFileSync(join(folder, 'repositories'), 'utf8').split('\n')
  const repositories = new Set(lines.filter(line => line !== '' && !line.startsWith('#')))
  const server = createServer((request, response) => {
    const answer = imageAnswer(request.url ?? '/', folder, repositories)
    if (answer === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': answer.type,
      'content-length': answer.content.length,
      'docker-content-digest': answer.digest,
    })
    response.end(request.method === 'HEAD' ? undefined : answer.content)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' && address?.port}`, server }
}
