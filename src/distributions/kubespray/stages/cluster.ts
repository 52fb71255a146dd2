import type { ClusterSession } from '../../../clusters/session.ts'
import { errorLine, SlipwayError } from '../../../domain/errors.ts'
import { hostList } from '../../../domain/hostList.ts'
import type { Stage } from '../../../engine/contract/stage.ts'
import { firstServer, inOrder, type NodeArguments, type StageArguments } from '../arguments.ts'
import { formedFindings } from '../formed.ts'
import { type Note, noteOf, readNote } from '../note.ts'
import { hostKey, type ObservedCluster, observeCluster, reached, seeHosts } from '../observeCluster.ts'
import { play } from '../play.ts'
import { preflightFindings } from '../preflight.ts'
import { groupsOf } from '../spec/roles.ts'

interface Observed {
  readonly seen: ObservedCluster
  readonly noted: Note | null
  readonly wanted: Note
}

/**
 * Kubespray's cluster.yml on all nodes. It is run anew until the cluster was verified: what it finds done it leaves. That it
 * ends without a failure says nothing: each node is looked at afterwards.
 */
export function cluster({ cluster: desired, accepted }: StageArguments, session: ClusterSession): Stage<Observed> {
  const hosts = inOrder(desired)
  const names = hosts.map(({ hostname }) => hostname)
  return {
    // Of hundreds of machines it takes hours.
    timeout: 6 * 60 * 60_000,
    touches: ['kubespray/host/', 'api/'],
    hosts: names,
    records: {
      started: [
        { type: 'installation-stage', stage: 'initial_master' },
        ...names.map(hostname => ({ type: 'node', hostname, event: 'install' }) as const),
      ],
      failed: error =>
        names.map(hostname => ({ type: 'node', hostname, event: 'fail', error: errorLine(error) }) as const),
    },
    async observe(context) {
      const seen = await observeCluster(session, desired, context)
      const wanted = await noteOf(session, desired)
      const asks = seen.bootstrap.state === 'done' && !seen.api.error
      return { seen, wanted, noted: asks ? await readNote(session, context) : null }
    },
    checkPrerequisites({ seen, noted, wanted }) {
      if (seen.bootstrap.state === 'done') return formedFindings(seen, desired, { noted, wanted })
      return preflightFindings(seen, desired).filter(
        ({ name, severity }) => severity === 'error' || !accepted.includes(name),
      )
    },
    shouldRun({ seen }) {
      if (seen.bootstrap.state === 'done') return { kind: 'skip', reason: 'the cluster was made and verified' }
      const reason =
        seen.bootstrap.state === 'claimed' ? 'the cluster was begun, and not verified yet' : 'there is no cluster yet'
      return {
        kind: 'run',
        reason,
        changes: hosts.map(node => ({
          effect: 'create',
          target: `node/${node.hostname}/kubernetes`,
          summary: `run Kubespray’s cluster.yml: ${groupsOf(node, hosts).join(', ')}`,
          detail: desired.version,
        })),
      }
    },
    async execute(context, { seen }) {
      const first = seen.hosts.find(({ node }) => node.hostname === firstServer(desired).hostname)
      const machine_id = first?.facts?.machine_id ?? ''
      await context.record('claims the right to make the cluster', [{ type: 'bootstrap-claim', machine_id }])
      await play(session, desired, 'cluster.yml', context)
    },
    async waitForReady(context) {
      for (const name of names) context.observations.drop(hostKey(name))
      const seen = await seeHosts(session, desired, context)
      const lost = seen.find(({ error }) => error !== null)
      if (lost?.error) throw lost.error
      const without = reached(seen).filter(
        ({ facts: { kubernetes } }) => !kubernetes.kubelet || kubernetes.ca_hash === null,
      )
      if (without.length > 0) throw nothingThere(without.map(({ node }) => node))
    },
  }
}

const nothingThere = (nodes: readonly NodeArguments[]): SlipwayError =>
  new SlipwayError(
    'playbook-failed',
    `Kubespray’s cluster.yml has ended without a failure, and ${hostList(nodes.map(({ hostname }) => hostname))} ${nodes.length === 1 ? 'has' : 'have'} no kubelet of a cluster`,
    {
      remedy:
        'Look at the log for tasks that left hosts out (a host that was lost meanwhile, a limit in the playbooks), then `slipway resume`: cluster.yml is run anew.',
    },
  )
