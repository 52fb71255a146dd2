import { isIP } from 'node:net'
import { canonicalAddress, familyOf } from '../../../../domain/addresses.ts'
import { addressesOf } from '../../../../domain/cluster.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'
import { type ClusterDraft, effective, oncePerPlace } from './draft.ts'

/** A virtual IP of Slipway's own against the rest of the file. */
export function checkVip(draft: ClusterDraft): RuleFinding[] {
  const { vip, nodes } = draft
  if (!vip) return []
  const address = canonicalAddress(vip.address)
  const found: RuleFinding[] = []
  const { api_endpoint } = draft
  if (api_endpoint !== undefined && (isIP(api_endpoint) === 0 || canonicalAddress(api_endpoint) !== address))
    found.push(
      fault(
        'vip-endpoint',
        ['api_endpoint'],
        `vip makes ${vip.address} the endpoint of the API, and api_endpoint says ${api_endpoint}`,
        `Remove api_endpoint. Where ${api_endpoint} is a name that leads to the VIP, put it into tls-san: cluster_vars: { tls-san: [${api_endpoint}] }.`,
      ),
    )
  nodes.forEach((node, index) => {
    for (const field of ['internal_ip', 'external_ip'] as const)
      if (addressesOf(node[field]).some(one => canonicalAddress(one) === address))
        found.push(
          fault(
            'vip-is-a-node',
            ['vip', 'address'],
            `${vip.address} is ${field} of ${node.hostname ?? `node ${index + 1}`}`,
            'Take an address that no machine has: it moves from server to server.',
          ),
        )
    if (node.role === 'worker' || node.role === undefined) return
    const own = addressesOf(node.internal_ip)
    const family = familyOf(address)
    if (own.length > 0 && !own.some(one => familyOf(one) === family))
      found.push(
        fault(
          'vip-family',
          ['nodes', index, 'internal_ip'],
          `${node.hostname ?? 'a server'} has no IPv${family} address, and the VIP is one`,
          `Take a VIP of the family that the servers have, or give the server an IPv${family} address as well.`,
        ),
      )
    const bound = effective(draft, index, node, 'bind-address')
    if (bound && !['0.0.0.0', '::'].includes(bound.value))
      found.push(
        fault(
          'vip-not-served',
          bound.path,
          `the API of ${node.hostname ?? 'a server'} would listen on ${bound.value} alone, and not answer at the VIP`,
          'Leave bind-address out.',
        ),
      )
  })
  const unused =
    vip.provider === 'kube-vip'
      ? (['router_id'] as const).filter(key => vip[key])
      : (['image'] as const).filter(key => vip[key])
  for (const key of unused)
    found.push(
      fault(
        'vip-setting',
        ['vip', key],
        `${vip.provider ?? 'keepalived'} has no ${key}`,
        `Remove ${key}, or take the other provider.`,
      ),
    )
  return oncePerPlace(found)
}
