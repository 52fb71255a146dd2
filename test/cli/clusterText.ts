export interface ClusterTextOptions {
  readonly name?: string
  readonly servers?: readonly string[]
  readonly workers?: readonly string[]
  readonly version?: string
  /** Third number of the addresses, so that clusters don't clash. */
  readonly net?: number
}

/** A cluster file without key files. */
export function clusterText({
  name = 'demo',
  servers = ['m1'],
  workers = ['w1'],
  version = 'v1.34.1+rke2r1',
  net = 0,
}: ClusterTextOptions = {}): string {
  const nodes = [...servers, ...workers].map((hostname, index) => {
    const role = index === 0 ? 'initial_master' : index < servers.length ? 'master' : 'worker'
    return `    - { hostname: ${hostname}, internal_ip: 10.0.${net}.${index + 11}, role: ${role} }\n`
  })
  return `apiVersion: slipway/v1
kind: Cluster
metadata: { name: ${name} }
spec:
  distribution: rke2
  version: ${version}
  nodes:
${nodes.join('')}`
}
