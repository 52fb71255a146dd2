import type { Finding } from '../domain/errors.ts'
import { type MachineAddresses, machineOfToken } from '../domain/machineToken.ts'
import { type RecordedCluster, wasMember } from '../domain/recordedCluster.ts'

/**
 * Members that the desired state has on another host than they are on, where Slipway makes one of the two: the other one
 * would join under the name of one that goes on. Pure.
 * @param nodes as they are written, with tokens.
 * @param leaving hostnames of those that leave, and perhaps come back elsewhere.
 */
export function movedNodes(
  { cluster, nodes }: { readonly cluster: string; readonly nodes: readonly Placed[] },
  recorded: Pick<RecordedCluster, 'nodes'> | null,
  known: MachineAddresses,
  leaving: readonly string[],
): readonly Finding[] {
  return (recorded?.nodes ?? []).filter(wasMember).flatMap(({ hostname, internal_ip: before }) => {
    const after = nodes.find(node => node.hostname === hostname)?.internal_ip
    if (after === undefined || leaving.includes(hostname)) return []
    const places = [before, after].map(text => placeOf(text, known))
    if (places.every(({ machine }) => machine === null) || before === after) return []
    if (places[0]?.address === places[1]?.address) return []
    return [
      {
        name: 'node-on-another-machine',
        severity: 'error',
        about: `node ${hostname}`,
        message: `it is at ${before}, and is to be at ${after}: another host would join under its name`,
        remedy: `Leave it where it is; or put a node on the other host in its place, under a name of its own: slipway node replace ${cluster} ${hostname}.`,
      },
    ]
  })
}

interface Placed {
  readonly hostname: string
  readonly internal_ip?: string | undefined
}

const placeOf = (
  text: string,
  known: MachineAddresses,
): { readonly machine: string | null; readonly address: string } => {
  const machine = machineOfToken(text)
  return { machine, address: machine === null ? text : (known.get(machine)?.internal ?? text) }
}
