import type { Bootstrap } from '../../../clusters/session.ts'
import { overHosts } from '../../../clusters/transient.ts'
import type { Stage, Unmet } from '../../../engine/contract/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { hostKey, observeNodes } from '../observeCluster.ts'
import type { ObservedHost } from '../observedHost.ts'
import { refuse } from '../refusal.ts'
import type { Rke2Session } from '../session.ts'
import { notAccepted } from './leftAsItIs.ts'
import {
  leavingChanges,
  leftRecords,
  type Machine,
  machineFindings,
  machineOf,
  removePlaybook,
  returningFindings,
  takeOut,
} from './parts.ts'
import { type Registered, registrationOf } from './registration.ts'

interface Observed {
  readonly host: ObservedHost
  readonly seen: Registered
  readonly bootstrap: Bootstrap
}

/**
 * Takes an agent out: RKE2 is uninstalled on its machine, which is then free for another cluster, and its Node and
 * node password go. A machine that is accepted to be out of reach is left as it is, and locked out of the cluster.
 */
export function leave(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const { hostname } = only(stage)
  const left = leftRecords(stage, hostname)
  const onMachine = ({ host, bootstrap }: Observed) => machineFindings(stage, host, session, bootstrap)
  const touched = (observed: Observed) => machineOf(observed.host, onMachine(observed))
  return {
    timeout: 10 * 60_000,
    retry: overHosts,
    // Who joins anew is looked for in what the servers say.
    touches: [hostname, ...(stage.returns ? stage.servers.map(server => server.hostname) : [])].map(hostKey),
    hosts: [hostname],
    records: { completed: left, skipped: () => left },
    async observe(context) {
      session.startPlay(removePlaybook, 1, context)
      const [[host], seen, bootstrap] = await Promise.all([
        observeNodes(session, stage, context),
        session.api(context.signal, client => registrationOf(client, hostname, context.signal)),
        session.bootstrap(),
      ])
      if (!host) throw new TypeError('a stage without a node passed its schema')
      return { host, seen, bootstrap }
    },
    checkPrerequisites: observed => [
      ...returningFindings(stage, touched(observed), observed.seen, false),
      ...notAccepted(onMachine(observed)),
      ...serverFindings(touched(observed)),
    ],
    shouldRun(observed) {
      const changes = leavingChanges(stage, touched(observed), observed.seen)
      if (changes.length === 0) return { kind: 'skip', reason: `${hostname} is no member any more` }
      return { kind: 'run', reason: `${hostname} is to leave the cluster`, changes }
    },
    execute: (context, observed) => takeOut(stage, session, context, { host: touched(observed), seen: observed.seen }),
    // It was waited for until the Node was gone.
    async waitForReady() {},
  }
}

/** A member of etcd leaves under the guard of the quorum, whatever its record says. */
function serverFindings({ node, facts }: Machine): Unmet[] {
  if (!facts?.data.etcd_member) return []
  return [
    refuse(
      node,
      'role-differs',
      'it is on record as a worker, and its machine holds a member of etcd',
      'Put its role in the file right (master), apply that, and remove it then: a server leaves under the guard of the quorum.',
    ),
  ]
}
