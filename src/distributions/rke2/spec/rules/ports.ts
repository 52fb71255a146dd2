import { portRangeOf } from '../../../../domain/values/networkNames.ts'
import { type ClusterDraft, effective, oncePerPlace } from './draft.ts'
import { caution, fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

/** Ports on which RKE2's own parts listen, also those on the loopback only. */
const ownPorts = [2379, 2380, 2381, 2382, 6443, 6444, 9345, 10248, 10249, 10250, 10256, 10257, 10258, 10259]

/** Ports that the configuration chooses, against those that RKE2 needs itself. */
export function checkPorts(draft: ClusterDraft): RuleFinding[] {
  const written = draft.cluster_vars?.['service-node-port-range']
  const nodePorts = portRangeOf(written ?? '30000-32767')
  if (draft.cluster_vars === null || nodePorts === null) return []
  const taken = ownPorts.filter(port => nodePorts.first <= port && port <= nodePorts.last)
  const ofServices =
    taken.length === 0
      ? []
      : [
          caution(
            'node-ports-taken',
            ['cluster_vars', 'service-node-port-range'],
            `RKE2 itself listens on ${taken.join(', ')}: a service could be given that port`,
            'Choose a range without them, like 30000-32767.',
          ),
        ]
  const ofLoadBalancer = draft.nodes.flatMap((node, index) => {
    const set = effective(draft, index, node, 'lb-server-port')
    if (!set || set.value === 6444) return []
    // It listens on this port and, for the API, on the one before it.
    const ports = [set.value - 1, set.value]
    const clash = ports.find(
      port => port < 1 || ownPorts.includes(port) || (nodePorts.first <= port && port <= nodePorts.last),
    )
    if (clash === undefined) return []
    return [
      fault(
        'lb-port-taken',
        set.path,
        `the load balancer listens on ${ports.join(' and ')}, and ${clash} is ${clash < 1 ? 'no port' : ownPorts.includes(clash) ? 'a port of RKE2’s own' : 'among the ports of services'}`,
        'Leave lb-server-port out (6444), or choose a free one, like 16444.',
      ),
    ]
  })
  return [...ofServices, ...oncePerPlace(ofLoadBalancer)]
}
