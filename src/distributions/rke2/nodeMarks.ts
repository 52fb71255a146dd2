import { labelsFrom, type NodeMarks, taintsFrom } from '../../clusters/labels/marks.ts'
import { commaParts } from '../../domain/values/commaParts.ts'
import { userKeys } from './files/configEntries.ts'
import type { Rke2Node, Rke2Spec } from './spec/spec.ts'

/** The labels and taints of a node, as its config.yaml says them. */
export function marksOf(
  { cluster_vars = {} }: Pick<Rke2Spec, 'cluster_vars'>,
  { hostname, node_vars = {} }: Pick<Rke2Node, 'hostname' | 'node_vars'>,
): NodeMarks {
  const keys = userKeys(cluster_vars, node_vars)
  // `KEY+` adds to what KEY says.
  const items = (key: string) => [keys.get(key) ?? [], keys.get(`${key}+`) ?? []].flat().map(String).flatMap(commaParts)
  return { hostname, labels: labelsFrom(items('node-label')), taints: taintsFrom(items('node-taint')) }
}
