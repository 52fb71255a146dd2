/**
 * What a finding's name means. `error`: stands in the way until it is gone. `acceptable`: stands in the way until it is
 * gone or accepted by its name. `by-machine`: likewise, but accepted of one machine at a time, as NAME:HOST. `note`: is
 * told, and stands in nobody's way.
 */
export interface FindingEntry {
  readonly kind: 'error' | 'acceptable' | 'by-machine' | 'note'
  /** One sentence, without its full stop: what it means. */
  readonly title: string
  /** One or two sentences: what to do. */
  readonly remedy: string
}

export const error = (title: string, remedy: string) => ({ kind: 'error', title, remedy }) as const
export const acceptable = (title: string, remedy: string) => ({ kind: 'acceptable', title, remedy }) as const
export const byMachine = (title: string, remedy: string) => ({ kind: 'by-machine', title, remedy }) as const
export const note = (title: string, remedy: string) => ({ kind: 'note', title, remedy }) as const
