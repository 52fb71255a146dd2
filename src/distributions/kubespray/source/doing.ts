/** What work on this machine is done with. */
export interface Doing {
  readonly signal: AbortSignal
  /** By which children of it are found. */
  readonly marker: Readonly<Record<string, string>>
  /** Gets what tools say. */
  readonly log?: (text: string) => void | Promise<void>
}
