import { isDeepStrictEqual } from 'node:util'
import type { ClusterDocument } from '../../contract/plans.ts'
import type { ClusterFile, ClusterSpec } from '../../domain/cluster.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { readAppliedBefore } from '../../store/appliedBefore.ts'
import type { Application } from '../application.ts'
import { type DesiredDraft, sameNodes } from './draft.ts'
import { fileDraft } from './fileDraft.ts'

/**
 * What is stored, with the platform of a cluster file in place of its own: whatever else the file says of the cluster is
 * left to `apply`, and told where it is another wish.
 * @throws SlipwayError `cluster-file-invalid`, `cluster-conflict`, `stored-state-refused`; `not-found` where there is no such cluster.
 */
export async function platformDraft(
  application: Application,
  document: ClusterDocument,
  stored: (name: string) => Promise<DesiredDraft>,
): Promise<DesiredDraft> {
  const asked = await fileDraft(application, document, [])
  const { name } = asked.desired.metadata
  const before = await stored(name).catch((error: unknown) => {
    throw toldOfFile(error)
  })
  const { distribution } = before.desired.spec
  if (asked.desired.spec.distribution !== distribution)
    throw new SlipwayError('cluster-conflict', `${name} is on record as a cluster of ${distribution}`, {
      remedy: `Give the cluster of the file another name; slipway status ${name} shows what is on record.`,
    })
  const { platform } = asked.desired.spec
  const desired = withPlatform(before.desired, platform)
  const { spec } = desired
  const keyFiles = application.distributions.keyFilesOf(spec)
  const files = Object.fromEntries(
    keyFiles.flatMap(({ file, path }) => {
      const text = (path[1] === 'platform' ? asked : before).files[file]
      return text === undefined ? [] : [[file, text]]
    }),
  )
  const notes = restNotes(name, asked.desired.spec, before.desired.spec)
  const undone = asked.membership.findings.filter(({ name: found }) => found === 'command-undone')
  const applied = (await readAppliedBefore(application.store.database, name))?.file
  // With which the next file is compared: its platform as this one has it, its nodes as they were.
  const written = withPlatform(applied ?? before.desired, platform)
  const isNewFile = !applied || !isDeepStrictEqual(valueOf(applied.spec, 'platform'), valueOf(written.spec, 'platform'))
  return { desired, written, keyFiles, files, membership: { ...sameNodes, findings: undone, isNewFile }, notes }
}

function withPlatform(file: ClusterFile, platform: ClusterSpec['platform']): ClusterFile {
  const { platform: _platform, ...rest } = file.spec
  return { ...file, spec: platform === undefined ? rest : { ...rest, platform } }
}

/** There is no platform without its cluster. */
const toldOfFile = (error: unknown): unknown =>
  error instanceof SlipwayError && error.code === 'not-found'
    ? new SlipwayError('not-found', error.message, {
        remedy: 'Make the cluster first, with its platform: slipway apply -f FILE. One of others: slipway discover.',
        facts: error.facts,
        cause: error,
      })
    : error

/** As it would be stored. */
const valueOf = (spec: ClusterSpec, key: string): unknown =>
  JSON.parse(JSON.stringify(Object.hasOwn(spec, key) ? (Reflect.get(spec, key) ?? null) : null))

/** What of a file is another wish beside its platform. */
function restNotes(cluster: string, asked: ClusterSpec, stored: ClusterSpec): Finding[] {
  const keys = [...new Set([...Object.keys(asked), ...Object.keys(stored)])]
  const others = keys.filter(key => key !== 'platform' && !isDeepStrictEqual(valueOf(asked, key), valueOf(stored, key)))
  if (others.length === 0) return []
  return [
    {
      name: 'file-says-more',
      severity: 'warning',
      about: `cluster ${cluster}`,
      message: `the file differs from what is on record in ${others.join(', ')} as well, and only its platform is taken over`,
      remedy: 'slipway apply -f FILE does all that it says.',
    },
  ]
}
