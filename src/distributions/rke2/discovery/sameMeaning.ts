import { canonicalAddress } from '../../../domain/addresses.ts'
import type { ConfigEntry, ConfigValue } from '../files/configEntries.ts'
import { type Settings, textsOf } from './settings.ts'
import { type ReadMachine, speak } from './variables.ts'

export interface Meant {
  /** What Slipway would write. */
  readonly wanted: readonly ConfigEntry[]
  /** As the machine calls itself. */
  readonly machineName: string
  readonly token: string
  readonly agent_token: string
  readonly endpoint: string | null
}

/**
 * Whether a configuration says what Slipway would write, in whatever words. Keys that no cluster file can say are passed
 * over: they stay in the file as long as it does. What may be left out, since RKE2 takes the same by itself: the name
 * and the addresses of the machine, and a server's own tokens. Whom to join is not compared: whoever looks at the host
 * knows who may be joined. Pure.
 */
export function saysTheSame(
  { node, settings }: ReadMachine,
  { wanted, machineName, token, agent_token, endpoint }: Meant,
): boolean {
  const isAgent = node.role === 'worker'
  const spoken = (all: Settings) => speak(node, all, endpoint).values
  const [present, meant] = [spoken(settings), spoken(new Map(wanted.map(({ key, value }) => [key, value])))]
  return (
    isTokenOf(settings, 'token', isAgent ? [token, agent_token] : [token]) &&
    (isAgent || isTokenOf(settings, 'agent-token', [agent_token], token)) &&
    (textsOf(settings.get('node-name'))[0] ?? machineName).toLowerCase() === node.hostname &&
    areAddresses(settings.get('node-ip'), node.internal_ip) &&
    areAddresses(settings.get('node-external-ip'), node.external_ip ?? '') &&
    (isAgent || endpoint === null || textsOf(settings.get('tls-san')).includes(endpoint)) &&
    [...new Set([...present.keys(), ...meant.keys()])].every(key => present.get(key)?.text === meant.get(key)?.text)
  )
}

/**
 * Of the secure form the password counts.
 * @param otherwise what counts where nothing is written; absent: what the cluster has anyhow
 */
function isTokenOf(settings: Settings, key: string, right: readonly string[], otherwise?: string): boolean {
  const written = settings.get(key)
  if (written !== undefined) return right.includes(passwordOf(String(written)))
  return settings.has(`${key}-file`) || otherwise === undefined || right.includes(otherwise)
}

/** `K10…::server:PASSWORD`, or the password alone. */
export const passwordOf = (token: string): string => token.trim().replace(/^K10[0-9a-f]*::[^:]*:/i, '')

function areAddresses(written: ConfigValue | undefined, wanted: string): boolean {
  const of = (addresses: readonly string[]) => addresses.map(canonicalAddress).toSorted().join()
  return written === undefined || of(textsOf(written)) === of(textsOf(wanted))
}
