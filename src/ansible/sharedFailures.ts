import type { Finding, SlipwayError } from '../domain/errors.ts'
import { withoutHost } from '../domain/withoutHost.ts'

interface FailedHost {
  readonly host: string
  readonly error: SlipwayError | null
}

/** Hosts that a finding names; the rest is counted. */
const namedHosts = 10
/** Characters of a message, which a crash of a module may fill with its traceback. */
const longestMessage = 800
const longestBrief = 200

/** One finding for each reason, with the hosts that failed for it: what is the same everywhere is told once. */
export function sharedFindings(failed: readonly FailedHost[]): Finding[] {
  const told = failed.flatMap(({ host, error }) =>
    error ? [{ host, error, message: withoutHost(error.message, host) }] : [],
  )
  const groups = Map.groupBy(told, ({ host, error, message }) => `${error.code} ${signature(message, host)}`)
  return [...groups.values()].flatMap((group): Finding[] => {
    const [first] = group
    if (!first) return []
    const { error, message } = first
    const about = named(group.map(({ host }) => host))
    return [{ name: error.code, severity: 'error', about, message: cut(message, longestMessage), remedy: error.remedy }]
  })
}

/** The first line of a message, cut: for a title above what is told in full. */
export const briefly = (message: string): string => cut(message.split('\n', 1)[0] ?? '', longestBrief)

/** `node m1`, or `nodes m1, m2, m3`. */
function named(hosts: readonly string[]): string {
  if (hosts.length === 1) return `node ${hosts[0]}`
  const more = hosts.length - namedHosts
  return `nodes ${hosts.slice(0, namedHosts).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What is left of a message when the host and its small numbers (free space, times, process ids) are taken out. */
const signature = (message: string, host: string): string =>
  message.replaceAll(host, '#').replace(/(?<![\w.:])\d{1,6}(?![\w.:])/g, '#')

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)} …` : text)
