import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { Call } from '../kubernetes/caller.ts'
import type { ClusterClient } from '../kubernetes/client.ts'
import type { Place } from '../kubernetes/resource.ts'
import { type Secret, secrets } from '../kubernetes/resources.ts'
import { manifestObjects } from './manifest.ts'

/**
 * What Helm keeps of a release: a Secret for each revision. It is read over the API, one call for all there is to know,
 * and written by the Helm command alone.
 */

const releaseStatuses = [
  'unknown',
  'deployed',
  'uninstalled',
  'superseded',
  'failed',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
] as const
type ReleaseStatus = (typeof releaseStatuses)[number]

const record = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.int(),
  info: z.object({
    status: z.enum(releaseStatuses),
    description: z.string().default(''),
    rollback_revision: z.int().optional(),
  }),
  chart: z.object({
    metadata: z.object({ name: z.string(), version: z.string(), appVersion: z.string().optional() }),
    files: z.array(z.object({ name: z.string(), data: z.string().nullish() })).nullish(),
  }),
  config: z
    .record(z.string(), z.json())
    .nullish()
    .transform(values => values ?? {}),
  manifest: z.string().default(''),
  apply_method: z.string().optional(),
  hooks: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        manifest: z.string().default(''),
        last_run: z.object({ phase: z.string().default('') }).nullish(),
      }),
    )
    .nullish(),
})

export interface Release {
  readonly name: string
  readonly namespace: string
  /** Grows by one with each install, upgrade and rollback. */
  readonly revision: number
  readonly status: ReleaseStatus
  /** What Helm says of it: why it failed. */
  readonly description: string
  /** The revision that a rollback was to make it again; null: it is no rollback, or Helm does not tell. */
  readonly backTo: number | null
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string | undefined }
  /** The values that were given; those of the chart itself are not among them. May hold secrets. */
  readonly values: Readonly<Record<string, z.core.util.JSONType>>
  /** All objects of it as YAML documents, without hooks and `crds/`. May hold secrets. */
  readonly manifest: string
  /** The hook that Helm waits for, or did when it was broken off; null: none. */
  readonly hook: { readonly kind: string; readonly namespace: string; readonly name: string } | null
  /** Whether Helm has its objects applied by the server, to which fields have managers. */
  readonly byServer: boolean
  /** Contents of its files in `crds/` in base64; of those of its subcharts Helm keeps none. */
  readonly definitions: readonly string[]
  /** Labels of its Secret that are not Helm's own. */
  readonly labels: Readonly<Record<string, string>>
  /** Of the Secret that it was read from. */
  readonly uid: string
}

/** Labels by which Helm finds its Secrets. */
const helms = new Set(['owner', 'name', 'status', 'version', 'createdAt', 'modifiedAt'])

/** The revisions of a release that tell how it stands. */
export interface ReleaseState {
  readonly newest: Release
  /** The one that is in force: the newest one, or the one before a step that failed or was broken off. Null: none is. */
  readonly deployed: Release | null
  /** How the step is described that made what is in force: a rollback has gone back to what an earlier one made. */
  readonly madeBy: string
}

/**
 * How a release stands; null when there is none.
 * @throws SlipwayError `api-reply-invalid` when what Helm keeps cannot be read; as `ClusterClient` says.
 */
export async function readRelease(
  client: Pick<ClusterClient, 'snapshot'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  call: Call,
): Promise<ReleaseState | null> {
  const labelSelector = `owner=helm,name=${name},status!=superseded`
  const { items } = await client.snapshot(secrets, { namespace, labelSelector }, call)
  const [newest, ...older] = byRevision(items)
  if (!newest) return null
  const read = releaseOf(newest)
  const found = older.find(({ metadata }) => metadata.labels?.['status'] === 'deployed')
  const deployed = read.status === 'deployed' ? read : found ? releaseOf(found) : null
  return { newest: read, deployed, madeBy: deployed ? await madeBy(client, deployed, call) : '' }
}

/** Empty where that revision is kept no more. */
async function madeBy(client: Pick<ClusterClient, 'snapshot'>, release: Release, call: Call): Promise<string> {
  const { namespace, name, revision, description, backTo } = release
  if (backTo === null || backTo >= revision) return description
  const labelSelector = `owner=helm,name=${name},version=${backTo}`
  const [earlier] = (await client.snapshot(secrets, { namespace, labelSelector }, call)).items
  return earlier ? madeBy(client, releaseOf(earlier), call) : ''
}

/** All that Helm keeps of a release; the newest revision first. */
export type ReleaseHistory = readonly [newest: Release, ...older: Release[]]

/**
 * The releases of a name, in one namespace or in all.
 * @throws SlipwayError as `readRelease` says.
 */
export async function readHistories(
  client: Pick<ClusterClient, 'snapshot'>,
  { name, namespace }: { readonly name: string; readonly namespace?: string | undefined },
  call: Call,
): Promise<readonly ReleaseHistory[]> {
  const { items } = await client.snapshot(secrets, { namespace, labelSelector: `owner=helm,name=${name}` }, call)
  return [...Map.groupBy(items, ({ metadata }) => metadata.namespace).values()].flatMap(
    (revisions): ReleaseHistory[] => {
      const [newest, ...older] = byRevision(revisions).map(releaseOf)
      return newest ? [[newest, ...older]] : []
    },
  )
}

const byRevision = (revisions: readonly Secret[]): Secret[] =>
  revisions.toSorted((one, other) => revisionOf(other) - revisionOf(one))

/** The Secret in which Helm keeps a revision. */
export const secretOf = ({ namespace, name, revision }: Release): Required<Place> => ({
  namespace,
  name: `sh.helm.release.v1.${name}.v${revision}`,
})

const revisionOf = (secret: Secret): number => Number(secret.metadata.labels?.['version'] ?? 0)

/** Bytes of a record unpacked; the API takes no Secret above 1 MiB, and text of charts packs to a fifth. */
const largestRecord = 64 * 1024 * 1024

/** What Helm keeps in one of its Secrets. @throws SlipwayError `api-reply-invalid`. Pure. */
export function releaseOf({ metadata, data }: Secret): Release {
  const { labels = {} } = metadata
  const { name, namespace, version, info, chart, config, manifest, hooks, apply_method } = recordOf(
    `${metadata.namespace}/${metadata.name}`,
    data?.['release'],
  )
  return {
    name,
    namespace,
    revision: version,
    status: info.status,
    description: info.description,
    backTo: info.rollback_revision ?? rollbackIn(info.description),
    chart: chart.metadata,
    values: config,
    manifest,
    hook: runningHook(hooks, namespace),
    byServer: apply_method === 'ssa',
    definitions: (chart.files ?? []).flatMap(file => (file.name.startsWith('crds/') && file.data ? [file.data] : [])),
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !helms.has(key))),
    uid: metadata.uid,
  }
}

function runningHook(hooks: z.infer<typeof record>['hooks'], namespace: string): Release['hook'] {
  const running = hooks?.find(({ last_run }) => last_run?.phase === 'Running')
  if (!running) return null
  const { kind, name, manifest } = running
  const [object] = manifestObjects(manifest)
  return { kind, name, namespace: object?.namespace ?? namespace }
}

/** As Helm describes a rollback that has succeeded. */
function rollbackIn(description: string): number | null {
  const [, revision] = /^Rollback to (\d+)$/.exec(description) ?? []
  return revision === undefined ? null : Number(revision)
}

/** The API has its own base64 around that of Helm. */
function recordOf(secret: string, packed = ''): z.infer<typeof record> {
  try {
    const bytes = Buffer.from(Buffer.from(packed, 'base64').toString('latin1'), 'base64')
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: largestRecord }) : bytes
    return record.parse(JSON.parse(text.toString('utf8')))
  } catch (cause) {
    // What it says of the contents could quote them.
    throw new SlipwayError('api-reply-invalid', `Secret ${secret}: what Helm keeps there of a release cannot be read`, {
      remedy: 'Look at the release with helm status and helm history; a Helm of before version 3 is not supported.',
      cause: new Error(cause instanceof Error ? cause.name : 'unknown'),
    })
  }
}
