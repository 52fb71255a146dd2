import type { Drift, NodeDrift } from '../../contract/drift.ts'
import { applyOperation } from '../../contract/operations.ts'
import type { Plan } from '../../contract/plan.ts'
import type { SlipwayError } from '../../domain/errors.ts'
import { clusterSubject } from '../../domain/subject.ts'
import { createObservations } from '../../engine/contract/observations.ts'
import { planFindings } from '../../engine/plan/plan.ts'
import { plan as planStages } from '../../engine/plan/planner.ts'
import { listNodes } from '../../store/nodes.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { listRuns } from '../../store/runs.ts'
import type { Application } from '../application.ts'
import { lastCompleted, lastSeen } from '../nodes/standing.ts'
import { draftOf } from '../plans/draftOf.ts'
import { apiNodeOf, foreignNodes, lostNodes } from './seen.ts'

/**
 * How a cluster differs from what is on record: the plan of the stored desired state, seen as state, with what its look
 * at the machines has shown besides. Stores nothing.
 * @throws SlipwayError `not-found`, `stored-state-refused`.
 */
export async function clusterDrift(application: Application, name: string, signal: AbortSignal): Promise<Drift> {
  const { store, planning, distributions } = application
  const { database } = store
  const whole = await draftOf(application, { cluster: name, operation: applyOperation, accept: [] })
  // A cluster that is only known has nobody who would plan for it: what there is to see is its API.
  const isPlanned = distributions.of(whole.desired.spec).operations.apply !== undefined
  const draft = isPlanned ? whole : { ...whole, operation: null }
  const [recorded, records, preview, completed, [run]] = await Promise.all([
    readRecordedCluster(database, name),
    listNodes(database, name),
    previewDesiredState(database, draft.desired),
    lastCompleted(database, name),
    listRuns(database, { subject: clusterSubject(name), limit: 1 }),
  ])
  const opened = await planning.open(draft, recorded)
  try {
    const looked_at = new Date().toISOString()
    const observations = createObservations()
    const plan = await planStages(opened.stages, opened.registry, {
      subject: clusterSubject(name),
      desiredVersion: preview.desired_version,
      observations,
      signal,
    })
    const { hosts, etcd, api, findings: seen } = await opened.look(recorded?.nodes ?? [], { observations, signal })
    const changes = Map.groupBy(changesOf(plan), ({ target }) => hostOf(target))
    const looks = new Map(hosts.map(host => [host.hostname, host]))
    const found = new Map(api.nodes?.map(node => [node.metadata.name, node]))
    const memberOf = new Map(etcd?.members.map(member => [member.hostname, member]))
    const nodes = records.map((record): NodeDrift => {
      const { hostname, role, status, wanted, installed_version: version, behind } = record
      const looked = looks.get(hostname)
      const node = found.get(hostname)
      return {
        hostname,
        role,
        recorded: { status, wanted, version, behind: behind?.since ?? null, last_seen: lastSeen(record, completed) },
        host: looked?.host ?? null,
        error: looked?.error ? told(looked.error) : null,
        node: node ? apiNodeOf(node) : null,
        member: memberOf.get(hostname) ?? null,
        changes: changes.get(hostname) ?? [],
      }
    })
    const names = new Set(records.map(({ hostname }) => hostname))
    const foreign = foreignNodes(api, names)
    const lost = lostNodes(api, recorded?.nodes ?? [])
    const members = (etcd?.members ?? []).filter(({ hostname }) => hostname === null)
    // Warnings of the whole were accepted when it was applied.
    const inTheWay = [...planFindings(plan), ...opened.findings.filter(({ severity }) => severity === 'error')]
    const findings = [...inTheWay, ...lost, ...foreign.findings, ...seen]
    return {
      cluster: name,
      looked_at,
      differs:
        plan.has_changes ||
        nodes.some(({ error, recorded: { wanted } }) => wanted && error !== null) ||
        (recorded?.formed === true && api.error !== null) ||
        findings.some(({ severity }) => severity === 'error') ||
        foreign.names.length + members.length + lost.length > 0,
      blocked: inTheWay.some(({ severity }) => severity === 'error'),
      plan: isPlanned ? plan.hash : null,
      under_way: run && (run.status === 'running' || run.status === 'queued') ? run.id : null,
      nodes,
      api: { error: api.error && told(api.error), foreign: foreign.names },
      etcd: { asked: etcd?.asked ?? null, foreign: members },
      changes: [...changes].flatMap(([host, list]) => (names.has(host) ? [] : list)),
      findings,
    }
  } finally {
    await opened.close()
  }
}

/** `node/m1/service` is about m1; empty for what is no matter of one node. */
const hostOf = (target: string): string => /^node\/([^/]+)/.exec(target)?.[1] ?? ''

const changesOf = ({ stages }: Plan) =>
  stages.flatMap(({ decision }) => (decision.kind === 'run' ? decision.changes : []))

const told = ({ code, message, remedy }: SlipwayError) => ({ code, message, remedy })
