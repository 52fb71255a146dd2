import { clusterArguments, type NodeArguments, type StageArguments } from './arguments.ts'
import { endpointOf } from './spec/endpoint.ts'
import type { Rke2Spec } from './spec/spec.ts'

export interface DesiredCluster {
  readonly name: string
  readonly spec: Rke2Spec
  /** Names of preflight warnings that the user accepted. */
  readonly accepted: readonly string[]
}

/** What every stage of the cluster is given, with the nodes that it acts on. */
export function argumentsFor({ name, spec, accepted }: DesiredCluster, servers: readonly NodeArguments[]) {
  const cluster = clusterArguments.parse({
    ...without(spec, 'nodes', 'ssh', 'token_file', 'machines'),
    ...endpointOf(spec),
    name,
  })
  return (nodes: readonly NodeArguments[]): StageArguments => ({
    cluster,
    nodes: [...nodes],
    servers: [...servers],
    accepted: [...accepted],
  })
}

function without<Value extends object, Key extends keyof Value>(
  value: Value,
  ...keys: readonly Key[]
): Omit<Value, Key> {
  const rest = { ...value }
  for (const key of keys) delete rest[key]
  return rest
}
