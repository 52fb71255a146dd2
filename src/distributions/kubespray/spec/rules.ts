import { addressesOf } from '../../../domain/cluster.ts'
import { canonicalAddress } from '../../../domain/addresses.ts'
import { caution, fault, type RuleFinding } from '../../../domain/ruleFinding.ts'
import { checkNodes, type DraftNode as CommonNode } from '../../../domain/rules/nodes.ts'
import { checkMachines } from '../../../machines/clusterMachines.ts'
import { checkPlatform } from '../../../platform/rules.ts'
import { isIPv6 } from 'node:net'
import { ownVariableRefused, type VariableFault, variableFaults } from './ownVariables.ts'
import { type NodeInGroups, runsEtcd, takesPods } from './roles.ts'
import type { KubesprayNode, KubespraySpec } from './spec.ts'
import { isPlainVersion } from './version.ts'

type Unsure<Value> = { readonly [Key in keyof Value]?: Value[Key] | undefined }

export type DraftNode = CommonNode & NodeInGroups & Unsure<Pick<KubesprayNode, 'node_vars' | 'machine' | 'ssh'>>

/** What the rules look at. A field is undefined where it is absent or was found wrong already; rules leave it out then. */
export interface ClusterDraft extends Unsure<Omit<KubespraySpec, 'nodes' | 'distribution'>> {
  readonly nodes: readonly DraftNode[]
}

/** Rules over a whole cluster that a field alone can't tell. All findings at once; pure. */
export function checkCluster(spec: ClusterDraft): RuleFinding[] {
  const common = [...checkNodes(spec), ...checkPlatform(spec.platform), ...checkMachines(spec)]
  // One that others make is as it is: nothing is installed by this file.
  if (!spec.kubespray) return common
  return [
    // What counts here is how many members etcd has, and Kubespray takes no even number of them at all.
    ...common.filter(({ name }) => name !== 'even-servers'),
    ...checkVersion(spec),
    ...checkEtcd(spec),
    ...checkPods(spec),
    ...checkAddresses(spec),
    ...checkEncryption(spec.kubespray),
    ...checkVariables(spec.cluster_vars, ['cluster_vars']),
    ...spec.nodes.flatMap(({ node_vars }, index) => checkVariables(node_vars, ['nodes', index, 'node_vars'])),
  ]
}

function checkVersion({ version }: ClusterDraft): RuleFinding[] {
  if (version === undefined || isPlainVersion(version)) return []
  const plain = /\d+\.\d+\.\d+/.exec(version)?.[0] ?? '1.34.1'
  return [
    fault(
      'version-form',
      ['version'],
      `Kubespray takes a version of Kubernetes without a v and without anything behind it, and not ${version}`,
      `Write version: ${plain}`,
    ),
  ]
}

function checkEtcd({ nodes }: ClusterDraft): RuleFinding[] {
  if (nodes.some(({ role }) => role === undefined)) return []
  const members = nodes.filter(runsEtcd).length
  if (members === 0)
    return [
      fault(
        'no-etcd',
        ['nodes'],
        'no node runs a member of etcd',
        'Take `etcd: false` from one server, or from three.',
      ),
    ]
  if (members % 2 === 1) return []
  return [
    fault(
      'even-etcd',
      ['nodes'],
      `etcd would have ${members} members: Kubespray takes an odd number only, since ${members} tolerate no more failures than ${members - 1}`,
      members === 2
        ? 'Use one or three servers; or let one of two have `etcd: false`, or a worker have `etcd: true`.'
        : 'Add or remove a server; or let one server have `etcd: false`, or a worker have `etcd: true`.',
    ),
  ]
}

function checkPods({ nodes }: ClusterDraft): RuleFinding[] {
  const found: RuleFinding[] = []
  if (nodes.length > 0 && nodes.every(({ role }) => role !== undefined) && !nodes.some(node => takesPods(node, nodes)))
    found.push(
      fault(
        'no-schedulable-node',
        ['nodes'],
        'no node takes pods, not even those of the cluster’s own DNS',
        'Add a worker, or take `schedulable: false` from a server.',
      ),
    )
  for (const [index, { role, schedulable }] of nodes.entries())
    if (role === 'worker' && schedulable === false)
      found.push(
        fault(
          'worker-unschedulable',
          ['nodes', index, 'schedulable'],
          'a worker is a node that takes pods',
          'Remove it; `slipway drain` keeps pods away from a node for a time, a taint for good.',
        ),
      )
  return found
}

/** Kubespray gives each node one address of a family; which of them counts is a matter of variables that are ours. */
const checkAddresses = ({ nodes }: ClusterDraft): RuleFinding[] =>
  nodes.flatMap(({ internal_ip }, index) => {
    const families = addressesOf(internal_ip).map(address => isIPv6(canonicalAddress(address)))
    return families.length < 2 && !families.includes(true)
      ? []
      : [
          fault(
            'family-unsupported',
            ['nodes', index, 'internal_ip'],
            'clusters of IPv6 or of both families are not supported with Kubespray yet',
            'Write one IPv4 address.',
          ),
        ]
  })

function checkEncryption({ secrets_encryption }: NonNullable<KubespraySpec['kubespray']>): RuleFinding[] {
  const path = ['kubespray', 'secrets_encryption']
  if (secrets_encryption === 'kms')
    return [
      fault(
        'encryption-kms',
        path,
        'a KMS provider needs a plugin on every server, which Kubespray’s playbooks neither install nor configure',
        'Use secretbox, whose key Slipway makes and keeps sealed.',
      ),
    ]
  if (secrets_encryption === 'aesgcm')
    return [
      caution(
        'encryption-rotation',
        path,
        'aesgcm is safe only while its key is replaced every 200,000 writes, and nobody does that by itself',
        'Use secretbox.',
      ),
    ]
  if (secrets_encryption === 'aescbc')
    return [
      caution(
        'encryption-weak',
        path,
        'aescbc can be broken by padding oracles, as Kubernetes itself says',
        'Use secretbox.',
      ),
    ]
  return []
}

function checkVariables(vars: KubespraySpec['cluster_vars'], path: RuleFinding['path']): RuleFinding[] {
  if (!vars) return []
  const own = Object.keys(vars).flatMap(name => {
    const refused = ownVariableRefused(name)
    return refused ? [fault('own-variable', [...path, name], refused.message, refused.remedy)] : []
  })
  const refused = new Set(own.map(found => found.path.at(-1)))
  const rest = Object.fromEntries(Object.entries(vars).filter(([name]) => !refused.has(name)))
  return [...own, ...variableFaults(rest, path).map(ofFault)]
}

function ofFault({ path, kind }: VariableFault): RuleFinding {
  if (kind === 'template')
    return fault(
      'variable-template',
      path,
      'variables are data: a template ({{ … }}) in them is not rendered',
      'Write the value itself.',
    )
  return fault(
    'variable-secret',
    path,
    kind === 'secret'
      ? 'the value is a secret, and this file is stored and shown in clear'
      : 'a URL with a login is a secret, and this file is stored and shown in clear',
    'Put the variable into a file like a group_vars file, and name that: kubespray.secret_vars: ./FILE. It is stored sealed.',
  )
}
