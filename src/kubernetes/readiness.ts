import type { Call, Caller } from './caller.ts'
import { isPassing } from './networkErrors.ts'

/** `reasons`: the checks of the API server that fail, or why it does not answer; one at least. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reasons: readonly string[] }

/** @throws SlipwayError where waiting would not help: `api-untrusted`, `api-unauthorized`, `api-forbidden` … */
export async function askReadiness(caller: Caller, call: Call): Promise<Readiness> {
  const about = 'ask whether the API server is ready'
  const question = { method: 'GET', path: '/readyz?verbose', about, repeatable: true } as const
  try {
    const answer = await caller.askOnce(question, call)
    if (answer.status === 200) return { ready: true }
    // [-]etcd failed: reason withheld
    const failed = answer.text.split('\n').filter(line => line.startsWith('[-]'))
    if (failed.length > 0) return { ready: false, reasons: failed.map(line => line.slice('[-]'.length)) }
    throw caller.errorOf(answer, question)
  } catch (error) {
    if (isPassing(error)) return { ready: false, reasons: [error.message] }
    throw error
  }
}
