import type { Drift, NodeDrift } from '../../contract/drift.ts'
import type { Column } from '../output.ts'
import { type Paint, printable } from '../terminal.ts'
import { ageOf } from './age.ts'
import { changeLines } from './planView.ts'

/** The nodes of a drift report as rows: what is on record of each, and what it shows now. */
export const driftColumns = ({ api, etcd }: Drift): readonly Column<NodeDrift>[] => [
  { title: 'node', value: ({ hostname }) => hostname },
  { title: 'role', value: ({ role }) => role },
  { title: 'on record', value: node => recordOf(node) },
  { title: 'machine', value: node => machineOf(node) },
  { title: 'version', value: ({ host }) => host?.version },
  { title: 'service', value: ({ host }) => host?.service.active },
  { title: 'ready', value: node => readyOf(node, api) },
  { title: 'etcd', value: node => memberOf(node, etcd) },
  { title: 'certificates', value: ({ host }) => host?.certificate && `until ${host.certificate.expires.slice(0, 10)}` },
  { title: 'differs', value: ({ changes }) => [...new Set(changes.map(({ target }) => partOf(target)))].join(', ') },
  { title: 'version on record', value: ({ recorded }) => recorded.version, wide: true },
  { title: 'labels', value: ({ node }) => node && textOf(node.labels), wide: true },
  { title: 'taints', value: ({ node }) => node?.taints.join(','), wide: true },
]

function recordOf({ recorded: { status, wanted, behind } }: NodeDrift): string {
  const standing = behind === null ? status : `behind, was ${status}`
  return wanted ? standing : `${standing}, not wanted`
}

/** A machine that does not answer is never told by its record. */
function machineOf({ host, error, recorded }: NodeDrift): string {
  if (host) return 'seen'
  if (error === null) return 'not looked at'
  const last = ageOf(recorded.last_seen)
  return last === null ? 'not seen' : `not seen, last ${last}`
}

function readyOf({ node }: NodeDrift, { error }: Drift['api']): string {
  if (error) return 'not known'
  if (!node) return 'no Node'
  return `${node.ready ? 'yes' : 'no'}${node.unschedulable ? ', cordoned' : ''}`
}

function memberOf({ role, member }: NodeDrift, { asked }: Drift['etcd']): string | null {
  if (role === 'worker') return null
  if (asked === null) return 'not known'
  if (!member) return 'no member'
  return `${member.learner ? 'learner' : 'voter'}${member.healthy ? '' : ', dead'}`
}

const textOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** `node/m1/service/…` → `service`; `cluster/kubeconfig` → `kubeconfig`. */
const partOf = (target: string): string => target.replace(/^node\/[^/]+\//, '').replace(/^cluster\//, '')

/** What differs, below the rows: what `apply` would do about it, and what is known of those that are not well. */
export function driftLines({ nodes, changes, api, ...drift }: Drift, paint: Paint): string[] {
  const differing = [...nodes.flatMap(node => node.changes), ...changes]
  const unseen = nodes.flatMap(({ hostname, error }) =>
    error ? [`not seen        ${hostname}: ${printable(error.message)}`] : [],
  )
  return [
    ...unseen,
    ...(api.error ? [`API             not seen: ${printable(api.error.message)}`] : []),
    ...(drift.under_way === null ? [] : [`under way       run ${drift.under_way}: what differs may be what it does`]),
    ...(differing.length > 0
      ? [
          `differs         apply would${drift.blocked ? ', once the errors are gone' : ''}:`,
          ...changeLines(differing, paint),
        ]
      : []),
    ...(drift.differs ? [] : [`differs         nothing, as seen ${drift.looked_at.slice(0, 19)}Z`]),
  ]
}
