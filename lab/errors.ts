/** An error that a person can act on: what went wrong, and what to do. `exitCode` 2 means the request itself was wrong. */
export class LabError extends Error {
  readonly remedy: string
  readonly exitCode: 1 | 2

  constructor(message: string, remedy: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'LabError'
    this.remedy = remedy
    this.exitCode = options.exitCode ?? 1
  }
}
