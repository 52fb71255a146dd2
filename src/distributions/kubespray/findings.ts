import { acceptable, error } from '../../domain/findings/entry.ts'

/** What is found of Kubespray's own. */
export const kubesprayFindings = {
  'version-form': error(
    'A version of Kubernetes is written otherwise than Kubespray takes it',
    'Write it as three numbers without a v, like 1.34.1.',
  ),
  'no-etcd': error('No node runs a member of etcd', 'Let one or three servers run one: take `etcd: false` from them.'),
  'even-etcd': error(
    'etcd would have an even number of members, which Kubespray refuses',
    'Use one, three or five servers; `etcd: false` takes a member from a server, `etcd: true` gives a worker one.',
  ),
  'no-schedulable-node': error(
    'No node takes pods, not even those of the cluster’s own DNS',
    'Add a worker, or take `schedulable: false` from a server.',
  ),
  'worker-unschedulable': error('A worker is said to take no pods', 'Remove `schedulable: false`, or write a taint.'),
  'family-unsupported': error(
    'A node of a Kubespray cluster has an IPv6 address, or one of each family, which is not supported yet',
    'Write one IPv4 address for each node.',
  ),
  'encryption-kms': error(
    'Secrets are to be encrypted by a KMS provider, which Kubespray’s playbooks neither install nor configure',
    'Use secretbox.',
  ),
  'encryption-rotation': acceptable(
    'Secrets are encrypted with aesgcm, whose key must be replaced every 200,000 writes',
    'Use secretbox, or accept it and replace the key in time.',
  ),
  'encryption-weak': acceptable(
    'Secrets are encrypted with aescbc, which can be broken by padding oracles',
    'Use secretbox, or accept it.',
  ),
  'own-variable': error(
    'A variable of Kubespray is written in the cluster file whose value Slipway sets itself',
    'Remove it; the finding says what the cluster file has in its place.',
  ),
  'variable-secret': error(
    'A variable of Kubespray holds a secret, and the cluster file is stored and shown in clear',
    'Put it into a file of its own, and name that in spec.kubespray.secret_vars.',
  ),
  'variable-template': error(
    'A variable of Kubespray is a template, and variables are taken as data',
    'Write the value itself.',
  ),
  'operation-unsupported': error(
    'The cluster file asks for something that this version does not do with a cluster of Kubespray yet',
    'Set back what the finding names.',
  ),
  'secret-vars-invalid': error(
    'The file of secret_vars is no map of variables, or holds one that Slipway sets itself',
    'Write it like a file of group_vars: one map of YAML, NAME: VALUE.',
  ),
} as const

type KubesprayFindings = typeof kubesprayFindings
declare module '../../domain/findingCatalogue.ts' {
  interface DeclaredFindings extends KubesprayFindings {}
}
