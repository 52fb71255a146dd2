import type { PlatformFacts } from '../../contract/platform.ts'
import type { SlipwayError } from '../../domain/errors.ts'
import type { Change } from '../../engine/contract/stage.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import type { ReleaseState } from '../../helm/release.ts'
import type { Attempted } from '../attempt.ts'
import { editChanges, goneChanges } from '../byHand/changes.ts'
import { foundFacts } from '../components/found.ts'
import type { FoundInstallation } from '../contract.ts'
import { releaseChanges, type WantedChart } from './changes.ts'
import { definitionChanges, type SeenDefinition } from './definitions.ts'
import { jobChanges } from './inPlace.ts'
import { type Orphan, orphanChanges } from './orphans.ts'
import type { Rendered } from './rendered.ts'
import type { ReleaseStanding } from './standing.ts'

/** What a release is decided by, and what follows from it. All functions pure. */
export interface Observed extends ReleaseStanding {
  readonly wanted: WantedChart | null
  /** Why the chart cannot be read. */
  readonly chartError: SlipwayError | null
  readonly formed: boolean
  readonly apiError: SlipwayError | null
  readonly release: ReleaseState | null
  /** Whether its namespace is being deleted. */
  readonly isGoing: boolean
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

/** What Helm is needed for. */
export const settingChanges = (
  { wanted, release }: Pick<Observed, 'wanted' | 'release'>,
  { hashKey }: OfRelease,
): Change[] => (wanted ? releaseChanges(wanted, release, hashKey) : [])

export function changesIn(observed: Observed, of: OfRelease): Change[] {
  const target = `release/${of.namespace}/${of.name}`
  const fit = observed.rendered?.value?.fit
  const settings = settingChanges(observed, of)
  const changes = [
    ...definitionChanges(observed.definitions),
    ...orphanChanges(observed.orphans),
    ...(fit ? jobChanges(fit.inPlace) : []),
    ...settings,
    ...goneChanges(observed.gone, of),
    ...editChanges(observed.edited, of, settings.length > 0, of.hashKey),
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
  const because = changes.length === 0 && lack ? ` (${lack.title}: ${lack.missing})` : ''
  const summary = `wait until its workloads are ready${because}`
  return [...changes, { effect: 'create', target: `${target}/ready`, summary }]
}

/** How it stands, beside what is to be done about it. */
export function factsOf(observed: Observed, of: OfRelease): PlatformFacts {
  const { formed, apiError, release, lacks, used } = observed
  if (used) return { state: 'external', ...foundFacts(used) }
  if (apiError) return { state: 'unknown' }
  if (!formed || !release) return { state: 'absent' }
  const { deployed } = release
  const there = { where: `release ${of.namespace}/${of.name}`, version: deployed?.chart.version ?? null }
  if (!deployed) return { state: 'not-ready', ...there }
  const state = isOther(observed, of) ? 'differs' : lacks.length > 0 ? 'not-ready' : 'ready'
  return { state, ...there }
}

/** Whether it is another one than is wanted: one that is scaled to 0 is as it is to be but for that. */
const isOther = (observed: Observed, of: OfRelease): boolean =>
  definitionChanges(observed.definitions).length > 0 ||
  settingChanges(observed, of).length > 0 ||
  observed.edited.some(({ pods, changes }) => pods === null || changes.length > 1)
