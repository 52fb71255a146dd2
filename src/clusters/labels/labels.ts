import { z } from 'zod'
import { clusterName, hostname } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import type { Stage, Unmet } from '../../engine/contract/stage.ts'
import { changeNode } from '../../kubernetes/changeNode.ts'
import { type ApiNodes, apiNodes, apiNodesKey } from '../apiNodes.ts'
import { withClusterApi } from '../clusterApi.ts'
import type { ClusterSession, SessionOf } from '../session.ts'
import { overHosts } from '../transient.ts'
import { markChanges, markPatch } from './difference.ts'
import { nodeMarks } from './marks.ts'

const labelsArguments = z.strictObject({
  cluster: clusterName,
  nodes: z.array(nodeMarks).min(1),
  /** Those of them that may be out of reach, as was accepted: nobody waits for them to join. */
  absent: z.array(hostname),
  /** Stages that bring the API back where it does not answer now; the first of them is the one that is named. */
  after: z.array(z.string()).min(1),
})
type LabelsArguments = z.infer<typeof labelsArguments>

const patchesAtOnce = 10

/** Labels and taints of all nodes, as the cluster file has them, through the API. Those of others are left alone. */
export const labelsStage = defineStage({
  kind: 'cluster/labels',
  arguments: labelsArguments,
  stage: (given, sessionOf: SessionOf) => labels(given, sessionOf(given.cluster)),
})

interface Observed {
  readonly api: ApiNodes
  /** The kubeconfig is on record: there is a cluster. */
  readonly formed: boolean
}

function labels(given: LabelsArguments, session: ClusterSession): Stage<Observed> {
  const [until = ''] = given.after
  const absent = new Set(given.absent)
  const wantsAny = given.nodes.some(({ labels: wanted, taints }) => Object.keys(wanted).length + taints.length > 0)
  const changesIn = ({ api }: Pick<Observed, 'api'>) => {
    const byName = new Map(api.nodes?.map(node => [node.metadata.name, node]))
    return given.nodes
      .filter(node => byName.has(node.hostname) || !absent.has(node.hostname))
      .flatMap(node => markChanges(node, byName.get(node.hostname) ?? null))
  }
  return {
    timeout: 60_000 + given.nodes.length * 500,
    retry: overHosts,
    touches: [apiNodesKey],
    async observe(context) {
      const formed = (await session.secret('kubeconfig')) !== null
      return { api: await apiNodes(session, context), formed }
    },
    checkPrerequisites({ api: { error }, formed }): Unmet[] {
      if (!error || !formed || !wantsAny) return []
      const { code: name, message, remedy } = error
      return [{ name, severity: 'error', about: 'the API of the cluster', message, remedy, providedBy: given.after }]
    },
    shouldRun(observed) {
      const { api, formed } = observed
      if (api.error && formed)
        return wantsAny
          ? {
              kind: 'deferred',
              reason: `labels and taints are not seen: ${api.error.message}`,
              until,
              effects: ['update'],
            }
          : {
              kind: 'skip',
              reason: `the file names no label or taint, and the Nodes are not seen: ${api.error.message}`,
            }
      const changes = changesIn(observed)
      if (changes.length === 0) return { kind: 'skip', reason: 'labels and taints are those of the cluster file' }
      return { kind: 'run', reason: 'labels or taints are not those of the cluster file', changes }
    },
    async execute({ signal, log }, { api }) {
      const present = new Set(api.nodes?.map(({ metadata }) => metadata.name))
      const slot = atMost(patchesAtOnce)
      await withClusterApi(session, signal, client =>
        Promise.all(
          given.nodes.map(async wanted => {
            if (present.has(wanted.hostname))
              return slot(
                () => changeNode(client, wanted.hostname, { signal }, node => markPatch(wanted, node)),
                signal,
              )
            await log(`${wanted.hostname} is no member yet: its labels and taints come with the next apply\n`)
          }),
        ),
      )
    },
    // The API has answered that it is so.
    async waitForReady() {},
  }
}
