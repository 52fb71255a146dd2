import type { ErrorCode } from '../domain/errors.ts'
import type { FinishedProcess, ProcessOptions } from './run.ts'

/** What travels between this process and the small one that starts children for it. */
export type LaunchRequest =
  | {
      readonly type: 'run'
      readonly id: number
      readonly file: string
      readonly args: readonly string[]
      readonly options: LaunchOptions
    }
  | { readonly type: 'stdin'; readonly id: number; readonly data: string | Uint8Array }
  | { readonly type: 'stdin-end'; readonly id: number }
  /** The reader of this stream is ready for more. */
  | { readonly type: 'taken'; readonly id: number; readonly stream: OutputName }
  | { readonly type: 'abort'; readonly id: number }

export type LaunchReply =
  | { readonly type: 'text'; readonly id: number; readonly stream: OutputName; readonly text: string }
  | { readonly type: 'finished'; readonly id: number; readonly result: FinishedProcess }
  | { readonly type: 'failed'; readonly id: number; readonly code: ErrorCode; readonly message: string }

export type OutputName = 'stdout' | 'stderr'

export interface LaunchOptions
  extends Pick<ProcessOptions, 'environment' | 'directory' | 'timeout' | 'maxOutput' | 'overflow'> {
  readonly feeds: boolean
  /** Streams that somebody reads as they come. */
  readonly reads: readonly OutputName[]
}
