import { labelsStage } from '../../clusters/labels/labels.ts'
import { acceptedAbsences } from '../../domain/acceptance.ts'
import type { Rke2Spec } from './spec/spec.ts'
import { checkCluster } from './spec/rules/checkCluster.ts'
import { hostList } from '../../domain/hostList.ts'
import { type RecordedCluster, wasMember } from '../../domain/recordedCluster.ts'
import { fixedSettingFindings, type MadeWith } from './spec/rules/fixedSettings.ts'
import type { Need, StageRequest } from '../../engine/contract/stage.ts'
import type { OperationContext, Pipeline } from '../contract.ts'
import { type NodeArguments, nodeOf } from './arguments.ts'
import { adoptionStages, unknownMachines } from './adoption.ts'
import { argumentsFor, type DesiredCluster } from './desiredCluster.ts'
import { marksOf } from './nodeMarks.ts'
import { agentsAtATime, batches } from './nodeBatches.ts'
import { removalPipeline } from './removal/pipeline.ts'
import { roleChangeFindings } from './roleChanges.ts'
import { stages } from './stages/index.ts'
import { batchName, kinds } from './stages/kinds.ts'

/** What turns a cluster into what its file asks for, with the rules over the whole file and over what it keeps for its life. */
export function applyPipeline(context: OperationContext<Rke2Spec>): Pipeline {
  const { cluster, desired, recorded, accepted, remove } = context
  const fixed = recorded?.formed ? fixedSettingFindings(madeWith(recorded), desired) : []
  const wanted = { name: cluster, spec: desired, accepted }
  if (recorded?.registered?.identified === false) return unknownMachines(wanted)
  const leaving = remove && recorded ? removalPipeline(wanted, remove, recorded) : null
  const installed = installPipeline(wanted, {
    former: recorded?.nodes.filter(({ role }) => role === 'initial_master').map(({ hostname }) => hostname) ?? [],
    members: recorded?.nodes.filter(wasMember).map(({ hostname }) => hostname) ?? [],
    hadVip: recorded?.begun?.includes(kinds.vip) ?? false,
    ...(leaving && { first: leaving.first }),
  })
  const stages = [...(recorded?.registered ? adoptionStages(wanted) : []), ...installed]
  return {
    stages: [...stages, ...(leaving?.others(stages) ?? [])],
    findings: [
      ...checkCluster(desired),
      ...fixed,
      ...(recorded ? roleChangeFindings(cluster, desired.nodes, recorded) : []),
    ],
    ready: [{ stage: labelsStage.kind }],
  }
}

const madeWith = ({ cluster_vars, nodes }: RecordedCluster): MadeWith => ({
  cluster_vars,
  nodes: nodes.filter(({ wanted }) => wanted),
})

/** What else is to be known of a cluster that exists. */
interface Surroundings {
  /** Who is on record as the first server. */
  readonly former?: readonly string[]
  /** Who is on record as a member. */
  readonly members?: readonly string[]
  /** A VIP may be on the servers. */
  readonly hadVip?: boolean
  /** Stages that have to be over before anything else is begun, one after the other. */
  readonly first?: readonly StageRequest[]
}

/**
 * From machines to a cluster, in the one order that is safe (C9): one server makes the cluster, the others join one
 * after the other (etcd takes one learner at a time), then the first server is told of the others, so that it can never
 * make a second cluster, and beside that the agents join in parallel. A failed server stops everything behind it; an
 * agent that fails stops nobody, in its batch and beside it.
 */
export function installPipeline(
  desired: DesiredCluster,
  { former = [], members = [], hadVip = false, first = [] }: Surroundings = {},
): StageRequest[] {
  const nodes = desired.spec.nodes.map(nodeOf)
  const initial = nodes.filter(node => node.role === 'initial_master')
  const masters = nodes.filter(node => node.role === 'master')
  const workers = nodes.filter(node => node.role === 'worker')
  const given = argumentsFor(desired, [...initial, ...masters])

  const start = first.slice(-1).flatMap(after)
  const prepare = stages.prepare.request({
    title: 'Check the servers and bring them the release',
    needs: start,
    arguments: given([...initial, ...masters]),
  })
  const bootstrap = initial.map(node =>
    stages.initialMaster.request({
      title: `${node.hostname} as the first server`,
      needs: after(prepare),
      arguments: given([node]),
    }),
  )
  const join = (node: NodeArguments, before: readonly StageRequest[]) =>
    stages.join.request({
      of: node.hostname,
      title: `${node.hostname} as a server`,
      needs: before.flatMap(after),
      arguments: given([node]),
    })
  // Who is a member already has no need of the VIP; whoever comes joins at it, and may hold it from then on.
  const present = desired.spec.vip ? masters.filter(({ hostname }) => members.includes(hostname)) : masters
  const joined = chain(present, bootstrap, (node, before) => [join(node, before)])
  const placed = desired.spec.vip ? [placeVip([...initial, ...present], undefined, [...bootstrap, ...joined])] : []
  const come = chain(
    masters.filter(node => !present.includes(node)),
    [...bootstrap, ...joined, ...placed],
    (node, before) => {
      const request = join(node, before)
      return [request, placeVip([node], node.hostname, [request])]
    },
  )
  const servers = [...bootstrap, ...joined, ...placed, ...come]
  const agents = batches(workers, agentsAtATime).map(batch => {
    const of = batchName(batch)
    const prepared = stages.prepare.request({
      of,
      title: `Check ${names(batch)} and bring ${batch.length === 1 ? 'it' : 'them'} the release`,
      needs: start,
      arguments: given(batch),
    })
    const joined = stages.workers.request({
      of,
      title: `${names(batch)} ${batch.length === 1 ? 'as an agent' : 'as agents'}`,
      needs: [...onceSettled(prepared), ...servers.slice(-1).flatMap(after)],
      arguments: given(batch),
    })
    return { prepared, joined }
  })
  const finish = initial.map(node =>
    stages.finish.request({
      title: `Finalize ${node.hostname}${takesOverFrom(former.filter(name => name !== node.hostname))} and fetch the kubeconfig`,
      needs: servers.flatMap(after),
      arguments: given([node]),
    }),
  )
  const settled = [...finish.flatMap(after), ...agents.flatMap(({ joined }) => onceSettled(joined))]
  const labels = labelsStage.request({
    title: 'Labels and taints of the nodes',
    needs: settled,
    arguments: {
      cluster: desired.name,
      // In which order a file names servers makes no other plan.
      nodes: [...initial, ...masters, ...workers].map(node => marksOf(desired.spec, node)),
      absent: [...acceptedAbsences(desired.accepted)],
      after: [...finish, ...servers, prepare, ...agents.flatMap(({ prepared, joined }) => [prepared, joined])].map(
        ({ key }) => key,
      ),
    },
  })
  const dropped = stages.giveUpVip.request({
    of: 'all',
    title: 'Take the VIP off the servers',
    needs: settled,
    arguments: given([...initial, ...masters]),
  })
  return [
    ...first,
    prepare,
    ...agents.map(({ prepared }) => prepared),
    ...servers,
    ...finish,
    ...agents.map(({ joined }) => joined),
    labels,
    // Last of all: everybody was told of another endpoint by then.
    ...(hadVip && !desired.spec.vip ? [dropped] : []),
  ]

  function placeVip(nodes: readonly NodeArguments[], of: string | undefined, before: readonly StageRequest[]) {
    const holding = hostList(nodes.map(({ hostname }) => hostname))
    return stages.vip.request({
      ...(of !== undefined && { of }),
      title: `The VIP ${desired.spec.vip?.address ?? ''} on ${holding}`,
      needs: before.slice(-1).flatMap(after),
      arguments: given(nodes),
    })
  }
}

const takesOverFrom = (former: readonly string[]): string =>
  former.length > 0 ? `, which takes the role of the first server over from ${former.join(', ')},` : ''

const after = (request: StageRequest): Need[] => [{ stage: request.key }]
const onceSettled = (request: StageRequest): Need[] => [{ stage: request.key, until: 'settled' }]

/** Each item after the one before it, the first after `start`. */
function chain(
  items: readonly NodeArguments[],
  start: readonly StageRequest[],
  make: (item: NodeArguments, before: readonly StageRequest[]) => readonly StageRequest[],
): StageRequest[] {
  return items.reduce<StageRequest[]>(
    (made, item) => [...made, ...make(item, (made.length > 0 ? made : start).slice(-1))],
    [],
  )
}

const names = (nodes: readonly NodeArguments[]): string => hostList(nodes.map(node => node.hostname))
