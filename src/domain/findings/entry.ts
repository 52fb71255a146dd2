/**
 * What a finding's name means. `error`: stands in the way until it is gone. `acceptable`: stands in the way until it is
 * gone or accepted by its name. `note`: is told, and stands in nobody's way.
 */
export interface FindingEntry {
  readonly kind: 'error' | 'acceptable' | 'note'
  /** One sentence, without its full stop: what it means. */
  readonly title: string
  /** One or two sentences: what to do. */
  readonly remedy: string
}

export const error = (title: string, remedy: string) => ({ kind: 'error', title, remedy }) as const
export const acceptable = (title: string, remedy: string) => ({ kind: 'acceptable', title, remedy }) as const
export const note = (title: string, remedy: string) => ({ kind: 'note', title, remedy }) as const
