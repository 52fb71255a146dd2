import { existsSync, readFileSync } from 'node:fs'

/** What a download can suffer. `slow` is in bytes a second. */
export type Fault =
  | { kind: 'wrong-checksum' }
  | { kind: 'cut' }
  | { kind: 'slow'; bytesPerSecond: number }
  | { kind: 'status'; status: number }

/** `wrong-checksum`, `cut`, `slow:20000`, `status:503`. Throws on anything else. */
export function parseFault(text: string): Fault {
  const [kind, number] = text.split(':')
  const value = Number(number)
  if (kind === 'wrong-checksum' || kind === 'cut') return { kind }
  if (kind === 'slow' && value > 0) return { kind, bytesPerSecond: value }
  if (kind === 'status' && value >= 400) return { kind, status: value }
  throw new Error(`unknown fault: ${text}`)
}

/**
 * The fault of one request: from its query (`?fault=cut`), or from the file, which maps a version, a file name or
 * `version/file` to a fault: `{ "v1.34.1+rke2r1": "cut", "sha256sum-amd64.txt": "wrong-checksum" }`.
 */
export function faultFor(query: URLSearchParams, file: string | undefined, path: string): Fault | undefined {
  const asked = query.get('fault')
  if (asked !== null) return parseFault(asked)
  if (file === undefined || !existsSync(file)) return undefined
  const faults: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const [version = '', name = ''] = path.split('/')
  for (const [key, fault] of Object.entries(faults ?? {})) {
    if ([path, version, name].includes(key)) return parseFault(String(fault))
  }
  return undefined
}
