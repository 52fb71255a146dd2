import type { PlatformFacts } from '../../contract/platform.ts'
import type { SlipwayError } from '../../domain/errors.ts'
import type { Change } from '../../engine/contract/stage.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import type { ReleaseState } from '../../helm/release.ts'
import type { Attempted } from '../attempt.ts'
import { foundFacts } from '../components/found.ts'
import type { FoundInstallation } from '../contract.ts'
import { releaseChanges, type WantedChart } from './changes.ts'
import { definitionChanges, type SeenDefinition } from './definitions.ts'
import { jobChanges } from './inPlace.ts'
import { type Orphan, orphanChanges } from './orphans.ts'
import type { Rendered } from './rendered.ts'
import type { Lack } from './workloads.ts'

/** What a release is decided by, and what follows from it. All functions pure. */
export interface Observed {
  readonly wanted: WantedChart | null
  /** Why the chart cannot be read. */
  readonly chartError: SlipwayError | null
  readonly formed: boolean
  readonly apiError: SlipwayError | null
  readonly release: ReleaseState | null
  /** Whether its namespace is being deleted. */
  readonly isGoing: boolean
  /** What its workloads lack, of a release that is in force. */
  readonly lacks: readonly Lack[]
  readonly definitions: readonly SeenDefinition[]
  readonly orphans: readonly Orphan[]
  /** What would come of its chart, where Helm is needed for it. */
  readonly rendered: Attempted<Rendered> | null
  /** Of somebody else, and used in place of a release of ours. */
  readonly used: FoundInstallation | null
}

/** A release, and the hex key by which values of it that may be secret are compared. */
interface OfRelease extends ReleasePlace {
  readonly hashKey: string
}

export const settingChanges = (
  { wanted, release }: Pick<Observed, 'wanted' | 'release'>,
  { hashKey }: OfRelease,
): Change[] => (wanted ? releaseChanges(wanted, release, hashKey) : [])

/** What Helm is needed for. */
export function helmChanges(observed: Pick<Observed, 'wanted' | 'release' | 'lacks'>, of: OfRelease): Change[] {
  const { wanted, lacks } = observed
  if (!wanted) return []
  const changes = settingChanges(observed, of)
  const gone = lacks.filter(lack => lack.gone).map(({ workload }) => workload)
  if (changes.length > 0 || gone.length === 0) return changes
  const summary = `bring back what is gone: ${gone.join(', ')}`
  return [{ effect: 'create', target: `release/${of.namespace}/${of.name}/chart`, summary, detail: gone }]
}

export function changesIn(observed: Observed, of: OfRelease): Change[] {
  const target = `release/${of.namespace}/${of.name}`
  const fit = observed.rendered?.value?.fit
  const changes = [
    ...definitionChanges(observed.definitions),
    ...orphanChanges(observed.orphans),
    ...(fit ? jobChanges(fit.inPlace) : []),
    ...helmChanges(observed, of),
    ...(fit?.dropped?.objects ?? []).map(
      ({ title }): Change => ({
        effect: 'delete',
        target: `${target}/${title.replace(' ', '/')}`,
        summary: `delete ${title}, which the chart has no more`,
      }),
    ),
  ]
  const lack = observed.lacks[0]
  if (changes.length === 0 && !lack) return []
  const because = changes.length === 0 && lack ? ` (${lack.workload}: ${lack.missing})` : ''
  const summary = `wait until its workloads are ready${because}`
  return [...changes, { effect: 'create', target: `${target}/ready`, summary }]
}

/** How it stands, beside what is to be done about it. @param differs whether it is another one than is wanted. */
export function factsOf(
  { formed, apiError, release, lacks, used }: Observed,
  differs: boolean,
  { namespace, name }: ReleasePlace,
): PlatformFacts {
  if (used) return { state: 'external', ...foundFacts(used) }
  if (apiError) return { state: 'unknown' }
  if (!formed || !release) return { state: 'absent' }
  const { deployed } = release
  const there = { where: `release ${namespace}/${name}`, version: deployed?.chart.version ?? null }
  if (!deployed) return { state: 'not-ready', ...there }
  return { state: differs ? 'differs' : lacks.length > 0 ? 'not-ready' : 'ready', ...there }
}
