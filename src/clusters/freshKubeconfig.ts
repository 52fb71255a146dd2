import { errorLine, SlipwayError, toSlipwayError } from '../domain/errors.ts'
import type { ClusterSession } from './session.ts'

/** What a fresh kubeconfig is looked for with. */
export type RenewingSession = Pick<ClusterSession, 'cluster' | 'desired' | 'freshKubeconfig'>

/** The kubeconfig on record that the API refuses, and the one that is gone by instead; null: none was refused yet. */
interface Refusal {
  refused: string | null
  instead: string | null
}

/** Kept as long as the session is open. */
export const refusalIn = (session: Pick<ClusterSession, 'read'>): Promise<Refusal> =>
  session.read('api/refusal', async () => ({ refused: null, instead: null }))

/** Whether a kubeconfig is out of its time or revoked: whoever has another one may still be let in. */
export const isOutdated = (thrown: unknown): boolean =>
  thrown instanceof SlipwayError && (thrown.code === 'api-unauthorized' || thrown.code === 'kubeconfig-invalid')

/**
 * The kubeconfig of the first server that gives its own.
 * @throws SlipwayError what the one on record was refused with, and how a new one is given.
 */
export async function freshKubeconfig(
  session: RenewingSession,
  refusal: unknown,
  signal: AbortSignal,
): Promise<string> {
  const { code, message, facts } = toSlipwayError(refusal)
  const refused = (remedy: string) =>
    new SlipwayError(code, `the kubeconfig on record of ${session.cluster}: ${message}`, {
      cause: refusal,
      facts,
      remedy,
    })
  const faults: string[] = []
  for (const { hostname, role } of (await session.desired()).spec.nodes) {
    if (role === 'worker') continue
    try {
      const fresh = await session.freshKubeconfig(hostname, signal)
      if (fresh === null) throw refused(`Give it a new one: slipway discover ${session.cluster} --kubeconfig FILE.`)
      return fresh
    } catch (thrown) {
      signal.throwIfAborted()
      const error = toSlipwayError(thrown)
      if (error.cause === refusal) throw error
      faults.push(errorLine(error))
    }
  }
  throw refused(
    `A new one is fetched from a server over SSH, and none gives it (${faults.join('; ')}). Bring one of them back first.`,
  )
}
