import type { Finding } from '../errors.ts'

interface Named {
  readonly hostname: string
}

/** The nodes of a cluster from three sides: a new file, the file that was applied before it, and what is desired now. */
export interface ThreeSides<Node extends Named> {
  readonly file: readonly Node[]
  /** Names in the file that was applied last; null where none is known, which is taken for what is desired now. */
  readonly lastApplied: ReadonlySet<string> | null
  /** With what was added since the file was applied last, and without what was removed. */
  readonly desired: readonly Node[]
  /** Who is to leave the cluster, by name. */
  readonly leaving: readonly string[]
}

export interface MergedNodes<Node extends Named> {
  /** Those of the file, in its order, then those that stay. */
  readonly nodes: readonly Node[]
  /** Added since the file was applied last: the new one drops nobody whom its writer may not have seen. */
  readonly kept: readonly string[]
  /** Removed since then, while the file goes on to name them. */
  readonly comingBack: readonly string[]
}

/**
 * What a file asks of a cluster that others have scaled meanwhile. What it says of a node that it names is taken as it
 * is; who is missing in it has been dropped by its writer only where the file before it named them. Pure.
 */
export function mergeNodes<Node extends Named>({
  file,
  lastApplied,
  desired,
  leaving,
}: ThreeSides<Node>): MergedNodes<Node> {
  const inFile = new Set(file.map(({ hostname }) => hostname))
  const isDesired = new Set(desired.map(({ hostname }) => hostname))
  const seen = lastApplied ?? isDesired
  const kept = desired.filter(({ hostname }) => ![inFile, seen, new Set(leaving)].some(names => names.has(hostname)))
  return {
    nodes: [...file, ...kept],
    kept: kept.map(({ hostname }) => hostname),
    comingBack: file.map(({ hostname }) => hostname).filter(name => seen.has(name) && !isDesired.has(name)),
  }
}

export const comingBackFindings = (hostnames: readonly string[]): Finding[] =>
  hostnames.map(hostname => ({
    name: 'node-comes-back',
    severity: 'warning',
    about: `node ${hostname}`,
    message: 'it was taken out of the cluster after this file was applied last, and would be installed anew',
    remedy: `Take it out of the file as well; or accept that it comes back: --accept node-comes-back.`,
  }))

/**
 * Nodes that were removed and are wanted again.
 * @param present names of those that are desired now
 * @param removed when each of the removed ones was, by name
 */
export const returningNodes = (
  wanted: readonly Named[],
  present: ReadonlySet<string>,
  removed: ReadonlyMap<string, string>,
): { readonly hostname: string; readonly removed: string }[] =>
  wanted.flatMap(({ hostname }) => {
    const since = present.has(hostname) ? undefined : removed.get(hostname)
    return since === undefined ? [] : [{ hostname, removed: since }]
  })
