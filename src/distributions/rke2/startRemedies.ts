import { SlipwayError } from '../../domain/errors.ts'

type Remedy = (node: string) => string

/** What to do about the reasons that RKE2 gives when it does not come up. */
const remedies: readonly (readonly [RegExp, Remedy])[] = [
  [
    /bootstrap data already found and encrypted with different token/i,
    () => 'Put the token that the cluster was made with into spec.token_file, then `slipway apply`.',
  ],
  [
    /token CA hash does not match|not authorized|\b401\b|unauthorized|invalid token|normalize (?:server|agent)? ?token/i,
    () =>
      'The machine’s token is not the cluster’s: put the cluster’s own into spec.token_file (or leave it out), then `slipway apply`.',
  ],
  [
    /node password|duplicate hostname/i,
    node =>
      `The cluster knows another machine under this name: kubectl -n kube-system delete secret ${node}.node-password.rke2, then \`slipway resume\`; or give the node another hostname.`,
  ],
  [
    /duplicate node name/i,
    node =>
      `The cluster has a member of this name already: take it out (kubectl delete node ${node}), then \`slipway resume\`.`,
  ],
  [
    /critical configuration/i,
    () => 'A setting that must be equal on all servers differs: write it in spec.cluster_vars, then `slipway apply`.',
  ],
  [
    /no such host|server misbehaving|name resolution/i,
    () =>
      'The machine does not resolve the name that is told: fix its name server or /etc/hosts, or name an address in api_endpoint; then `slipway resume`.',
  ],
  [
    /x509|certificate (?:has expired|is not yet valid|signed by unknown)/i,
    () =>
      'A certificate does not fit: compare the clocks of the machines, and write the name or address that is told into tls-san; then `slipway apply`.',
  ],
  [
    /cgroup/i,
    () =>
      'Let the machine have the control groups cpu, cpuset, memory and pids (kernel command line, or the container’s host); then `slipway resume`.',
  ],
  [
    /address already in use/i,
    () => 'Stop the process that has the port that is told (ss -ltnp), then `slipway resume`.',
  ],
  [/no space left|disk quota/i, () => 'Free space on the machine’s disk, then `slipway resume`.'],
  [
    /read-only file system/i,
    () => 'Mount the file system that is told writable, or set data-dir; then `slipway resume`.',
  ],
  [/too many learner/i, () => 'Another server is still joining: when it has, `slipway resume`.'],
  [
    /connection refused|no route to host|network is unreachable|i\/o timeout|deadline exceeded|handshake timeout/i,
    () =>
      'The machine does not reach the server that is told: look whether its service runs, and whether a firewall is between them (TCP 9345, 6443; servers also 2379, 2380); then `slipway resume`.',
  ],
  [
    /flag provided but not defined|invalid (?:value|argument|cluster-cidr|service-cidr|.*format)|failed to parse|unmarshal|must be (?:one of|within|in)|unsupported/i,
    () =>
      'RKE2 refuses a setting: fix the one that is told in spec.cluster_vars (or node_vars, extra), then `slipway apply`.',
  ],
]

/** What to do about what a service gave as its reason; null where only its journal can tell. */
export const startRemedy = (said: string, node: string): string | null =>
  remedies.find(([pattern]) => pattern.test(said))?.[1](node) ?? null

/** The same error with the remedy for what the service said. Others are handed back as they are. */
export function withStartRemedy(error: unknown, node: string): unknown {
  if (!(error instanceof SlipwayError) || !['service-failed', 'stage-timeout'].includes(error.code)) return error
  const { said } = error.facts
  const remedy = typeof said === 'string' ? startRemedy(said, node) : null
  if (remedy === null) return error
  return new SlipwayError(error.code, error.message, {
    remedy,
    facts: error.facts,
    findings: error.findings,
    ...(error.cause !== undefined && { cause: error.cause }),
  })
}
