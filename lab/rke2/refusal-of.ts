import { combine } from './arguments.ts'
import { parseConfiguration } from './configuration.ts'
import { agentFlags, serverFlags } from './flags.ts'
import type { Machine } from './host.ts'
import { Refused } from './refusal.ts'
import { checkServerToken } from './setting-rules.ts'
import { type Role, settingsOf } from './setting-values.ts'

/**
 * What a release of RKE2, or a program of Kubernetes that it starts, refuses of a config.yaml: the first thing, or
 * undefined where a node with it becomes ready. It reads no file and asks no host: `machine` says what is known of one.
 */
export function refusalOf(
  role: Role,
  configuration: string,
  version: string,
  machine: Machine = {},
  hostname = 'node',
): Refused | undefined {
  try {
    const { values, unknown } = combine(
      parseConfiguration([{ name: 'config.yaml', text: configuration }]),
      new Map(),
      role === 'server' ? serverFlags : agentFlags,
    )
    const read = (file: string): string => {
      throw new Refused(`open ${file}: no such file or directory`)
    }
    const settings = settingsOf(role, values, unknown, { version, hostname, environment: {}, machine, read })
    if (role === 'server' && settings.token !== undefined) checkServerToken(settings.token)
    return settings.troubles[0]
  } catch (error) {
    if (error instanceof Refused) return error
    return new Refused(error instanceof Error ? error.message : String(error))
  }
}
