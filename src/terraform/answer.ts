/** How a call of the command has ended. */
export interface Answer {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}
