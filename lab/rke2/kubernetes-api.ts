import { readFile } from 'node:fs/promises'
import { at, list, text } from './json.ts'
import { httpsCaller, type Identity } from './https-json.ts'

/** The API server said no; `status` is its HTTP status. */
export class ApiError extends Error {
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, too.
  apply: 'application/apply-patch+yaml',
}

/** Plain JSON calls to an API server. */
export function kubernetesApi(base: string, identity: Identity) {
  const caller = httpsCaller(base, identity)

  async function call(method: string, path: string, body?: unknown, type = 'application/json'): Promise<unknown> {
    const answer = await caller.call(path, {
      method,
      headers: { 'content-type': type, accept: 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.status >= 200 && answer.status < 300) return answer.body === '' ? undefined : JSON.parse(answer.body)
    let message = answer.body
    try {
      message = text(at(JSON.parse(answer.body), 'message')) ?? answer.body
    } catch {
      // Not every refusal is JSON; then its text is the message.
    }
    throw new ApiError(message, answer.status)
  }

  return {
    get: (path: string) => call('GET', path),
    items: async (path: string) => list(at(await call('GET', path), 'items')),
    post: (path: string, body: unknown) => call('POST', path, body),
    put: (path: string, body: unknown) => call('PUT', path, body),
    patch: (path: string, body: unknown, kind: keyof typeof patchTypes = 'merge') =>
      call('PATCH', path, body, patchTypes[kind]),
    delete: (path: string) => call('DELETE', path),
    /** True when the path answers 200; false when it answers anything else or not at all. */
    answers: async (path: string) => {
      try {
        return (await caller.call(path, { timeout: 3000 })).status === 200
      } catch {
        return false
      }
    },
    close: caller.close,
  }
}

export type KubernetesApi = ReturnType<typeof kubernetesApi>

/** An API caller with the identity in `<stem>.crt` and `<stem>.key`. */
export async function apiAs(stem: string, caFile: string, base = 'https://127.0.0.1:6443'): Promise<KubernetesApi> {
  const [ca, cert, key] = await Promise.all([
    readFile(caFile, 'utf8'),
    readFile(`${stem}.crt`, 'utf8'),
    readFile(`${stem}.key`, 'utf8'),
  ])
  return kubernetesApi(base, { ca, cert, key })
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status
}
