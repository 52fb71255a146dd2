import { machineOfToken, machineToken } from '../machineToken.ts'

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A node on a machine that Slipway makes needs no address in a file: where it says none, it is that of the machine of its
 * name. Pure; what is of another form stays as it is.
 * @param all every node without an address is on such a machine, since the cluster has settings for them.
 */
export function withMachineTokens(nodes: unknown, all: boolean): unknown {
  if (!Array.isArray(nodes)) return nodes
  return nodes.map((node: unknown) => {
    if (!isPlain(node) || node['internal_ip'] !== undefined || !(all || node['machine'] !== undefined)) return node
    const { hostname } = node
    const token = typeof hostname === 'string' ? machineToken(hostname) : ''
    return machineOfToken(token) === null ? node : { ...node, internal_ip: token }
  })
}

/** As `withMachineTokens`, of a whole cluster file. */
export function withMachineNodes(file: unknown): unknown {
  if (!isPlain(file) || !isPlain(file['spec'])) return file
  const { spec } = file
  return { ...file, spec: { ...spec, nodes: withMachineTokens(spec['nodes'], spec['machines'] !== undefined) } }
}
