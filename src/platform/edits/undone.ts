import type { Finding } from '../../domain/errors.ts'
import { enabledComponents, settingsOf } from '../components/enabled.ts'
import type { PlatformSpec } from '../spec.ts'

/** The platform of a cluster from three sides. */
interface PlatformSides {
  readonly file: PlatformSpec | undefined
  /** Of the file that was applied last. */
  readonly lastApplied: PlatformSpec | undefined
  /** With what commands have done since. */
  readonly desired: PlatformSpec | undefined
}

/** What commands change. */
const changed = ['chart', 'repository', 'version', 'digest'] as const
type Source = { readonly [Key in (typeof changed)[number]]?: string | undefined }

interface Written {
  readonly about: string
  readonly isChart: boolean
  /** Only since another one needs it. */
  readonly comesAlong: boolean
  readonly source: Source
}

/** All that is to be there, and from where. */
const writtenIn = (platform: PlatformSpec = {}): ReadonlyMap<string, Written> =>
  new Map<string, Written>([
    ...enabledComponents(platform).map(({ component: { name }, set, neededBy }): [string, Written] => [
      name,
      { about: `component ${name}`, isChart: false, comesAlong: neededBy !== null, source: set },
    ]),
    ...(platform.charts ?? []).map((chart): [string, Written] => [
      chart.name,
      { about: `chart ${chart.name}`, isChart: true, comesAlong: false, source: chart },
    ]),
  ])

/**
 * What a command has done since a file was applied last, and this file would undo: its writer may not have seen it. What
 * the file says otherwise than the one before is meant. Pure.
 */
export function undoneFindings({ file, lastApplied, desired }: PlatformSides): Finding[] {
  const [written, before, now] = [writtenIn(file), writtenIn(lastApplied), writtenIn(desired)]
  return [...written].flatMap(([name, { about, isChart, comesAlong, source }]): Finding[] => {
    const last = before.get(name)?.source
    if (!last) return []
    const current = now.get(name)?.source
    // What comes with another one that is off was turned off by nobody.
    if (!current && comesAlong && settingsOf(desired ?? {}, name)?.enabled !== false) return []
    if (!current)
      return [
        undone(
          about,
          `slipway platform disable has turned it off after this file was applied last, and it would be brought back`,
          isChart ? 'Take it out of the file as well' : 'Say so in the file: enabled: false',
        ),
      ]
    const keys = changed.filter(key => source[key] === last[key] && source[key] !== current[key])
    if (keys.length === 0) return []
    const told = keys.map(key => `${key} ${current[key] ?? 'of the component'} → ${source[key] ?? 'of the component'}`)
    return [
      undone(
        about,
        `slipway platform upgrade has changed it after this file was applied last, and that would be undone: ${told.join(', ')}`,
        `Write it into the file as well: ${keys.map(key => (current[key] === undefined ? `no ${key}` : `${key}: ${current[key]}`)).join(', ')}`,
      ),
    ]
  })
}

const undone = (about: string, message: string, remedy: string): Finding => ({
  name: 'command-undone',
  severity: 'warning',
  about,
  message,
  remedy: `${remedy}; or accept that the file holds: --accept command-undone.`,
})
