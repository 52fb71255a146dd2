import type { Bootstrap } from '../../../clusters/session.ts'
import type { HostFacts } from '../host/facts.ts'
import { isRecorded } from '../membership.ts'
import { isOurs } from '../nodeState.ts'
import type { ReachedHost } from '../observedHost.ts'
import { hasRke2 } from '../removal/parts.ts'

/** What of a cluster lies on a machine that is on record as one of its nodes. */
export type Claim =
  /** Nothing: it was never begun, or is clean already. */
  | { readonly kind: 'clean' }
  | { readonly kind: 'ours' }
  /** What lies there is somebody else's, or may be: it is left as it is. */
  | { readonly kind: 'left-alone'; readonly why: string }

/** Whose the machine is: by the mark that Slipway leaves on it, and by whom its data belongs to. */
export function claimOn(
  host: ReachedHost,
  installation: string,
  { name, bootstrap }: { readonly name: string; readonly bootstrap: Bootstrap },
): Claim {
  const { facts } = host
  const { fence } = facts
  if (fence !== null && !isOurs(facts, installation, name))
    return leftAlone(
      `it belongs to cluster ${fence.cluster} of ${fence.installation === installation ? 'this' : 'another'} Slipway installation`,
    )
  if (!isRecorded(host, withoutData(facts, bootstrap)))
    return leftAlone('the data on it is that of another cluster (its CA or its etcd is not the recorded one)')
  if (fence !== null) return { kind: 'ours' }
  if (!isRunOrInstalled(facts)) return { kind: 'clean' }
  const proven = bootstrap.ca_hash !== null && facts.data.ca_hash === bootstrap.ca_hash
  return proven ? { kind: 'ours' } : leftAlone('RKE2 lies on it, and nothing there says that it is of this cluster')
}

const leftAlone = (why: string): Claim => ({ kind: 'left-alone', why })

/** A machine that holds no CA yet contradicts none. */
const withoutData = ({ data }: HostFacts, bootstrap: Bootstrap): Bootstrap =>
  data.ca_hash === null ? { ...bootstrap, ca_hash: null } : bootstrap

/** Files that a person has prepared there are no installation. */
const isRunOrInstalled = (facts: HostFacts): boolean => hasRke2({ ...facts, config: [] })
