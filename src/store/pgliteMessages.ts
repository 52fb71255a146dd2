/** What travels between the process and the thread that PGlite runs in. */
export type PgliteRequest =
  | { readonly id: number; readonly type: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly id: number; readonly type: 'close' }

export type PgliteReply =
  | { readonly type: 'result'; readonly id: number; readonly rows: readonly unknown[]; readonly affected?: number }
  | { readonly type: 'error'; readonly id: number; readonly error: PgliteError }
  | { readonly type: 'notification'; readonly payload: string }
  /** PGlite could not be opened, or has died. */
  | { readonly type: 'broken'; readonly error: PgliteError }
  | { readonly type: 'ready' }

export interface PgliteError {
  readonly message: string
  readonly code?: string
  readonly detail?: string
  readonly constraint?: string
}

/** The one notification channel; payloads are notices (notices.ts). */
export const channel = 'slipway'
