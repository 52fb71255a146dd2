import type { Node } from '../../kubernetes/resources.ts'

export interface Shape {
  readonly name?: string
  /** Of `node-role.kubernetes.io/`. */
  readonly roles?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly version?: string
  readonly providerID?: string
  readonly created?: string
  /** `TYPE=ADDRESS` */
  readonly addresses?: readonly string[]
  /** Status, reason and message of the condition Ready; null: there is none. */
  readonly ready?: readonly [status: string, reason: string, message: string] | null
}

/** A Node as its API shows it, as far as anything is read of it. */
export function nodeOf({
  name = 'n1',
  roles = [],
  labels = {},
  annotations = {},
  version = 'v1.34.1',
  providerID,
  created = '2026-01-01T00:00:00Z',
  addresses = ['InternalIP=10.0.0.1', 'Hostname=n1'],
  ready = ['True', 'KubeletReady', 'kubelet is posting ready status'],
}: Shape = {}): Node {
  const [status = '', reason = '', message = ''] = ready ?? []
  return {
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: created,
      labels: {
        'kubernetes.io/hostname': name,
        ...Object.fromEntries(roles.map(role => [`node-role.kubernetes.io/${role}`, 'true'])),
        ...labels,
      },
      annotations,
    },
    spec: { ...(providerID !== undefined && { providerID }) },
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        ...(ready ? [{ type: 'Ready', status, reason, message }] : []),
      ],
      addresses: addresses.map(written => {
        const [type = '', address = ''] = written.split('=')
        return { type, address }
      }),
      nodeInfo: { kubeletVersion: version },
    },
  }
}
