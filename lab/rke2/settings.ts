import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { combine, parseArguments } from './arguments.ts'
import { readConfiguration } from './configuration.ts'
import { agentFlags, serverFlags } from './flags.ts'
import { thisMachine } from './host.ts'
import { Refused } from './refusal.ts'
import { type Role, type Settings, settingsOf } from './setting-values.ts'
import { version } from './version.ts'

export type { Role, Settings } from './setting-values.ts'

/** Reads the command line and the configuration file. Throws Refused where RKE2 itself ends for a value. */
export function readSettings(role: Role, args: readonly string[]): Settings {
  const flags = role === 'server' ? serverFlags : agentFlags
  const line = parseArguments(args, flags)
  if (line.rest.length > 0) throw new Refused(`unexpected argument: ${line.rest[0]}`)
  const environment = process.env
  const file = environment.RKE2_CONFIG_FILE ?? line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const { values, unknown } = combine(readConfiguration(file), line.values, flags)
  return settingsOf(role, values, unknown, {
    version,
    hostname: hostname(),
    environment,
    machine: thisMachine(),
    read: textOf,
  })
}

/** The name of this host's Node. */
export function localNodeName(given: string | undefined): string {
  return (given ?? process.env.RKE2_NODE_NAME ?? hostname()).toLowerCase()
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new Refused(`open ${file}: no such file or directory`)
  return readFileSync(file, 'utf8')
}
