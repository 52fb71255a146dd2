import type { PlatformEntry, PlatformStatus } from '../../contract/platform.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Column } from '../output.ts'
import { type Paint, printable } from '../terminal.ts'
import { ageOf } from './age.ts'

/** The components and charts of a cluster as rows. */
export const platformColumns: readonly Column<PlatformEntry>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state },
  { title: 'version', value: ({ version }) => version },
  { title: 'where', value: ({ where }) => where && firstOf(where) },
  { title: 'waits for', value: ({ waits_for }) => waits_for.join(', ') },
  {
    title: 'last run',
    value: ({ last_run }) => last_run && `${last_run.id} ${last_run.status}, ${ageOf(last_run.at)}`,
  },
  { title: 'layer', value: ({ layer }) => layer, wide: true },
  { title: 'owner', value: ({ owner }) => owner, wide: true },
  { title: 'storage class', value: ({ storage_class }) => storage_class, wide: true },
  { title: 'needed by', value: ({ needed_by }) => needed_by, wide: true },
  { title: 'title', value: ({ title }) => title, wide: true },
]

/** Of many objects the first one; -o json has all. */
function firstOf(where: string): string {
  const [first = '', ...others] = where.split(', ')
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

const told: ReadonlySet<PlatformEntry['state']> = new Set([
  'not-ready',
  'differs',
  'blocked',
  'waiting',
  'unknown',
  'off',
])

/** What there is to say below the rows: why those are as they are that are not well. */
export function platformLines({ cluster, components, api, ...status }: PlatformStatus, paint: Paint): string[] {
  const reasons = components.flatMap(({ name, state, reason }) =>
    told.has(state) && reason !== null && (state !== 'unknown' || api.error === null)
      ? [`${paint('bold', name)}  ${printable(reason)}`]
      : [],
  )
  return [
    ...(components.length === 0 ? [`The cluster file of ${cluster} has no component and no chart.`] : []),
    ...(api.error ? ['', `API        not seen: ${printable(api.error.message)}`] : []),
    ...(reasons.length > 0 ? ['', ...reasons] : []),
    ...(status.under_way === null
      ? []
      : [
          '',
          `under way  run ${status.under_way}: what differs may be what it does (slipway logs -f ${status.under_way})`,
        ]),
  ]
}

/** All that was found, each once. */
export function platformFindings({ api, components, findings, notes }: PlatformStatus): Finding[] {
  const all = [...components.flatMap(entry => entry.findings), ...findings, ...notes]
  const once = new Map(
    all.map(({ place: _place, ...finding }) => [`${finding.name} ${finding.about} ${finding.message}`, finding]),
  )
  // Where nothing was seen it is said once, and not of each.
  return [...once.values()].filter(({ message }) => message !== api.error?.message)
}
