import { z } from 'zod'
import { hostname } from '../../domain/names.ts'

const taint = z.strictObject({ key: z.string(), value: z.string(), effect: z.string() })

/** Labels and taints that a node is to have, as the cluster file says. */
export const nodeMarks = z.strictObject({
  hostname,
  labels: z.record(z.string(), z.string()),
  /** One of each key and effect. */
  taints: z.array(taint),
})
export type NodeMarks = z.infer<typeof nodeMarks>
type Taint = z.infer<typeof taint>

/** Kubelet and cloud provider keep these as they see them, whatever a file or a person says. */
const keptByOthers = new Set([
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
])

/** Labels as kubelets are given them, `key=value`; of two with one key the last counts. */
export const labelsFrom = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts
      .map(text => [text.replace(/=.*$/, ''), text.replace(/^[^=]*=?/, '')] as const)
      .filter(([key]) => !keptByOthers.has(key)),
  )

/** Taints as kubelets are given them: `key=value:Effect`, `key:Effect`. */
export const taintsFrom = (texts: readonly string[]): Taint[] =>
  texts.flatMap(text => {
    const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(text) ?? []
    return key === '' ? [] : [{ key, value, effect }]
  })

/** By this a taint is known: its value may change. */
export const taintName = ({ key, effect }: Pick<Taint, 'key' | 'effect'>): string => `${key}:${effect}`

export const taintText = ({
  key,
  value,
  effect,
}: {
  readonly key: string
  readonly value?: string | undefined
  readonly effect: string
}): string => `${key}${value ? `=${value}` : ''}:${effect}`
