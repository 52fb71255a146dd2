import type { StartedPlay } from '../ansible/playbook.ts'

type Environment = Readonly<Record<string, string>>

interface Kept {
  readonly playbook: string
  /** For so many at the same time. */
  readonly hosts: number
  readonly start: Promise<StartedPlay>
}

/** Plays that were started for an attempt, until that attempt runs one of them. */
export interface StartedPlays {
  keep(attempt: Environment, play: Kept): void
  /** Null where none fits, or it could not be started: then the play is started anew, and says why it cannot be. */
  take(attempt: Environment, playbook: string, hosts: number): Promise<StartedPlay | null>
}

/** An attempt is known by the environment that marks its children. */
export function createStartedPlays(): StartedPlays {
  const plays = new Map<string, Kept>()
  const nameOf = (attempt: Environment) => JSON.stringify(Object.entries(attempt).toSorted())
  return {
    keep(attempt, play) {
      const name = nameOf(attempt)
      plays.set(name, play)
      // An attempt that is not made takes none; its process is ended by whoever decides that.
      play.start.then(
        ({ ended }) => ended.then(() => plays.get(name) === play && plays.delete(name)),
        () => plays.delete(name),
      )
    },
    async take(attempt, playbook, hosts) {
      const name = nameOf(attempt)
      const kept = plays.get(name)
      plays.delete(name)
      if (!kept || kept.playbook !== playbook || kept.hosts < hosts) return null
      return kept.start.catch(() => null)
    },
  }
}
