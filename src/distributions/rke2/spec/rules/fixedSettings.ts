import { posix } from 'node:path'
import type { z } from 'zod'
import { parseRange } from '../../../../domain/addresses.ts'
import type { NodeSpec } from '../../../../domain/cluster.ts'
import type { Finding } from '../../../../domain/errors.ts'
import { clusterVars } from '../config.ts'
import { commaParts } from '../../../../domain/values/commaParts.ts'
import { presetRanges } from './network.ts'

/** What decides the settings that a cluster keeps. The variables may be as an earlier version stored them. */
export interface MadeWith {
  readonly cluster_vars?: Readonly<Record<string, unknown>> | undefined
  readonly nodes: readonly Pick<NodeSpec, 'role' | 'internal_ip'>[]
}

interface FixedSetting {
  readonly key: keyof typeof clusterVars.shape
  readonly preset: (nodes: MadeWith['nodes']) => string
  /** One spelling for values that mean the same. */
  readonly meaning: (value: string) => string
}

const same = (value: string): string => value
const ranges = (value: string): string =>
  commaParts(value)
    .map(part => {
      const range = parseRange(part)
      return range ? `${range.family} ${range.first} ${range.prefix}` : part
    })
    .join(',')

/** RKE2 reads these when it makes a cluster; with others the members no longer find their data, or each other. */
const fixedSettings: readonly FixedSetting[] = [
  { key: 'cluster-cidr', preset: nodes => presetRanges(nodes).pods, meaning: ranges },
  { key: 'service-cidr', preset: nodes => presetRanges(nodes).services, meaning: ranges },
  { key: 'cluster-domain', preset: () => 'cluster.local', meaning: same },
  {
    key: 'data-dir',
    preset: () => '/var/lib/rancher/rke2',
    meaning: value => posix.normalize(value).replace(/\/+$/, ''),
  },
  // Multus stands beside the plugin that gives pods their network, and can come and go.
  {
    key: 'cni',
    preset: () => 'canal',
    meaning: value =>
      commaParts(value)
        .filter(plugin => plugin !== 'multus')
        .join(','),
  },
]

/** Settings that are other ones than the cluster was made with. Pure. */
export function fixedSettingFindings(made: MadeWith, wanted: MadeWith): Finding[] {
  return fixedSettings.flatMap((setting): Finding[] => {
    const [before, after] = [valueOf(setting, made), valueOf(setting, wanted)]
    if (setting.meaning(before.value) === setting.meaning(after.value)) return []
    const { key } = setting
    const told = (one: typeof before) => (one.given ? one.value : `${one.value} (the default)`)
    return [
      {
        name: 'fixed-setting-changed',
        severity: 'error',
        about: `spec.cluster_vars.${key}`,
        message: `the cluster was made with ${key} ${told(before)}, and the file asks for ${told(after)}`,
        remedy: `Set ${key} back to ${before.value}${before.given ? '' : ', or leave it out'}: it can never change. Another one needs a new cluster.`,
      },
    ]
  })
}

function valueOf({ key, preset }: FixedSetting, { cluster_vars, nodes }: MadeWith): { value: string; given: boolean } {
  const written = cluster_vars?.[key]
  if (written === undefined) return { value: preset(nodes), given: false }
  const schema: z.ZodType = clusterVars.shape[key]
  const read = schema.safeParse(written)
  return { value: [read.success ? read.data : written].flat().map(String).join(','), given: true }
}
