import { machineOfToken } from '../domain/machineToken.ts'
import { parseKnownHosts, type PinnedKey } from '../hosts/hostKeys.ts'
import { hostKeysOf, listHostKeys } from '../store/hostKeys.ts'
import { machineScope } from '../store/machines.ts'
import type { Database } from '../store/tables.ts'

/** A node as it is written: with a token in the place of an address that a machine is to have. */
type WrittenNode = { readonly hostname: string; readonly internal_ip?: string | undefined }

/**
 * Host keys of a cluster: those that it has pinned, and for a node on a machine that it has none of, the one that this
 * machine showed when it was made. So nobody in between can show another one at the first contact of the cluster.
 */
export async function pinnedKeys(
  database: Database,
  cluster: string,
  nodes: readonly WrittenNode[],
): Promise<PinnedKey[]> {
  const own = (await listHostKeys(database, cluster)).flatMap(({ key_lines: lines }) => parseKnownHosts(lines))
  const known = new Set(own.map(({ host }) => host))
  const machines = nodes.flatMap(({ hostname, internal_ip: address }) => {
    const machine = machineOfToken(address ?? '')
    return machine === null || known.has(hostname) ? [] : [{ machine, hostname }]
  })
  const stored = await hostKeysOf(
    database,
    machines.map(({ machine }) => machineScope(machine)),
  )
  const theirs = machines.flatMap(({ machine, hostname }) =>
    stored
      .filter(({ cluster: scope, host }) => scope === machineScope(machine) && host === machine)
      .flatMap(({ key_lines: lines }) => parseKnownHosts(lines).map(key => ({ ...key, host: hostname }))),
  )
  return [...own, ...theirs]
}
