/** How the process ends; documented in docs/cli.md. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  changes: 3,
  failed: 4,
  refused: 5,
  busy: 6,
  cancelled: 7,
  incomplete: 8,
  interrupted: 130,
} as const

export type ExitName = keyof typeof exitCodes

export interface ErrorEntry {
  /** One line: what went wrong. */
  readonly title: string
  /** One line: what to do now. */
  readonly remedy: string
  readonly exit: ExitName
  /** HTTP status of the problem+json reply. */
  readonly status: number
}

export const entry = (exit: ExitName, status: number, title: string, remedy: string): ErrorEntry => ({
  title,
  remedy,
  exit,
  status,
})
