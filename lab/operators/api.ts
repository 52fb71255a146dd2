import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { parse } from 'yaml'
import { z } from 'zod'
import { ApiError, isStatus, kubernetesApi } from '../rke2/kubernetes-api.ts'
import { type LabObject, objectShape, pathOf, type Sent } from './objects.ts'

/** What the stand-ins ask of an API server. Paths are whole ones. */
export interface LabApi {
  list(path: string): Promise<{ readonly version: string; readonly items: readonly LabObject[] }>
  /** Null when there is none. */
  get(path: string): Promise<LabObject | null>
  /** Makes the object have these fields, and gives it back; the same again changes nothing. */
  apply(path: string, object: Sent): Promise<LabObject>
  merge(path: string, fields: object): Promise<void>
  /** One that is gone is no fault. */
  remove(path: string): Promise<void>
  /** One watch, until the server ends it. @throws Error when the server has forgotten that version. */
  watch(path: string, version: string, signal: AbortSignal): AsyncIterable<WatchEvent>
  close(): void
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: LabObject
}

const listShape = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(objectShape) })
const bookmark = z.object({ metadata: z.looseObject({ resourceVersion: z.string() }) })
const eventShape = z.union([
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: objectShape }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: bookmark.transform(({ metadata }): LabObject => ({ metadata: { name: '', uid: '', ...metadata } })),
  }),
])

const base64 = z.string().transform(text => Buffer.from(text, 'base64').toString())
const kubeconfigShape = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': base64 }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': base64, 'client-key-data': base64 }) })]),
})

/** @param kubeconfig one of the lab's: a cluster, and a user with a certificate. @param manager whose fields it writes. */
export function openLabApi(kubeconfig: string, manager: string): LabApi {
  const { clusters, users } = kubeconfigShape.parse(parse(kubeconfig))
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user
  const api = kubernetesApi(server, { ca, cert, key })

  const open = (path: string, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      // A connection of its own: a watch lasts for minutes.
      const call = request(new URL(path, server), { ca, cert, key, agent: false, signal }, resolve)
      call.once('error', reject)
      call.end()
    })

  return {
    async list(path) {
      const { metadata, items } = listShape.parse(await api.get(path))
      return { version: metadata.resourceVersion, items }
    },
    get: path =>
      api.get(path).then(
        answer => objectShape.parse(answer),
        error => {
          if (isStatus(error, 404)) return null
          throw error
        },
      ),
    apply: async (path, object) =>
      objectShape.parse(await api.patch(`${path}?fieldManager=${manager}&force=true`, object, 'apply')),
    async merge(path, fields) {
      await api.patch(`${path}?fieldManager=${manager}`, fields)
    },
    async remove(path) {
      await api.delete(path).catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error
      })
    },
    async *watch(path, version, signal) {
      const response = await open(
        `${path}?watch=1&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(version)}`,
        signal,
      )
      if (response.statusCode !== 200) {
        response.destroy()
        throw new ApiError(`watch ${path}`, response.statusCode ?? 0)
      }
      for await (const line of linesOf(response)) {
        const event = eventShape.safeParse(JSON.parse(line))
        if (!event.success) throw new ApiError(`watch ${path}: ${line.slice(0, 200)}`, 410)
        yield event.data
      }
    },
    close: api.close,
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const piece of response) {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** Whether the API server gave no answer; whoever asked asks again. */
export const isUnanswered = (error: unknown): boolean => error instanceof Error && error.cause !== undefined

/** The path of one object of a kind of Kubernetes' own. */
export const objectPath = ({ kind, metadata: { namespace, name } }: Sent): string =>
  `${pathOf(kind, namespace)}/${name}`
