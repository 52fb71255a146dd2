/** Each key of RKE2 whose value stays Slipway's own, and what the cluster file says in its place. */
const instead: Readonly<Record<string, string>> = {
  server:
    'Remove it: the nodes join at the first server, which is the one with role: initial_master (spec.nodes[].role), or at spec.api_endpoint.',
  token: 'Remove it. The server token can be given with spec.token_file: ./FILE.',
  'token-file': 'Remove it. The server token can be given with spec.token_file: ./FILE.',
  'agent-token': 'Remove it: agents join with the server token, which can be given with spec.token_file: ./FILE.',
  'agent-token-file': 'Remove it: agents join with the server token, which can be given with spec.token_file: ./FILE.',
  'node-name': 'Remove it: the name of a node is its spec.nodes[].hostname.',
  'node-ip': 'Remove it: the address of a node is its spec.nodes[].internal_ip.',
  'node-external-ip': 'Remove it: the address from outside is spec.nodes[].external_ip.',
  'cluster-reset':
    'Remove it: a reset is no lasting setting. Who makes the cluster is said by role: initial_master (spec.nodes[].role).',
  'cluster-reset-restore-path':
    'Remove it: a restore is no lasting setting. Who makes the cluster is said by role: initial_master (spec.nodes[].role).',
  'write-kubeconfig': 'Remove it: `slipway kubeconfig` fetches the file, wherever it is wanted.',
}

/** Keys of which the value stays Slipway's own; `extra` may not smuggle them in. */
export const ownKeys: ReadonlySet<string> = new Set(Object.keys(instead))

export interface RefusedKey {
  readonly message: string
  readonly remedy: string
}

export const ownKeyRefused = (key: string): RefusedKey => ({
  message: `the key ${key} is set by Slipway itself`,
  remedy: instead[key] ?? 'Remove it.',
})

export const secretRefused = (key: string): RefusedKey => ({
  message: `the value of ${key} is a secret, and this file is stored and shown in clear`,
  remedy: `Put the value into a file and name that: spec.secret_files: { ${key}: ./FILE }. It is stored sealed, and written on the servers only.`,
})
