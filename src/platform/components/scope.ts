import type { Workload } from '../../kubernetes/workloads.ts'

/** The namespaces that an operator watches, by one of these variables of its containers; null: all. */
export const environmentScope =
  (...names: readonly string[]) =>
  ({ metadata, spec }: Workload): readonly string[] | null => {
    const variables = (spec.template?.spec?.containers ?? []).flatMap(({ env }) => env ?? [])
    const set = variables.filter(({ name }) => names.includes(name))
    // Its own namespace, as the API fills it in.
    if (set.some(({ valueFrom }) => valueFrom?.fieldRef?.fieldPath === 'metadata.namespace'))
      return metadata.namespace === undefined ? [] : [metadata.namespace]
    return listed(set.find(({ value = '' }) => value !== '')?.value)
  }

/** The same, by an argument: `--watch-namespace=a,b`. */
export const argumentScope =
  (flag: string) =>
  ({ spec }: Workload): readonly string[] | null => {
    const all = (spec.template?.spec?.containers ?? []).flatMap(({ args }) => args ?? [])
    const at = all.findIndex(one => one === flag || one.startsWith(`${flag}=`))
    const one = all[at]
    return listed(one?.includes('=') ? one.slice(one.indexOf('=') + 1) : all[at + 1])
  }

/** A star and an empty list are all of them. */
function listed(text = ''): readonly string[] | null {
  const names = text.split(/[\s,;]+/).filter(name => name !== '')
  return names.length === 0 || names.includes('*') ? null : names
}
