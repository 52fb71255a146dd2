import type { Change } from '../../../engine/contract/stage.ts'
import type { ReachedHost } from '../observedHost.ts'
import { isOwnManifest, isReadAtStart, type OwnFile } from './places.ts'

export interface OwnFileChanges {
  readonly changes: readonly Change[]
  /** The service has to be restarted to read one of them. */
  readonly restarts: boolean
}

/** What has to be done so that the files of the user's own lie on a machine as they are wanted; by name, size and hash only. */
export function ownFileChanges({ node, facts }: ReachedHost, wanted: readonly OwnFile[]): OwnFileChanges {
  const present = new Map(facts.own_files.found.map(file => [file.path, file]))
  const differing = wanted.filter(({ path, hmac, content }) =>
    content === null ? present.has(path) : present.get(path)?.hmac !== hmac,
  )
  const target = (path: string) => `node/${node.hostname}/file${path}`
  return {
    restarts: differing.some(({ path }) => isReadAtStart(path)),
    changes: differing.map(({ path, content, hmac }): Change => {
      const lies = present.get(path)
      if (content === null)
        return {
          effect: 'delete',
          target: target(path),
          summary: `remove ${path}${isOwnManifest(path) ? '; what it made stays in the cluster' : ''}`,
        }
      const size = Buffer.byteLength(content)
      const detail = `${size} ${hmac.slice(0, 16)}`
      if (!lies) return { effect: 'create', target: target(path), summary: `write ${path} (${bytes(size)})`, detail }
      const whose = lies.ours ? 'has' : 'is somebody else’s and has'
      return {
        effect: 'update',
        target: target(path),
        summary: `write ${path} anew (${bytes(size)}, ${short(hmac)}; what lies there ${whose} ${bytes(lies.size)}, ${short(lies.hmac)})`,
        detail,
      }
    }),
  }
}

const bytes = (size: number): string => `${size.toLocaleString('en')} ${size === 1 ? 'byte' : 'bytes'}`
/** As people compare it: keyed, so it is that of no other installation. */
const short = (hmac: string | null): string => (hmac === null ? 'not readable' : hmac.slice(0, 8))
