import { type SlipwayError, toSlipwayError } from '../domain/errors.ts'
import type { Unmet } from '../engine/contract/stage.ts'

/** What a look has brought, or why it has brought nothing: a decision tells of either. */
export type Attempted<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: SlipwayError }

/** @throws the signal's reason. */
export async function attempt<T>(work: Promise<T>, signal: AbortSignal): Promise<Attempted<T>> {
  try {
    return { value: await work, error: null }
  } catch (error) {
    signal.throwIfAborted()
    return { value: null, error: toSlipwayError(error) }
  }
}

/** There is no API that could be asked, and no stage of the plan brings one. */
export const notFormed = (cluster: string): Unmet => ({
  name: 'cluster-not-formed',
  severity: 'error',
  about: `cluster ${cluster}`,
  message: 'it is not there yet: none of its servers has become ready',
  remedy: 'Make the cluster first: slipway apply -f FILE, which then goes on with its platform.',
})

/** An error as what stands in the way. */
export const toldUnmet = ({ code, message, remedy }: SlipwayError): Omit<Unmet, 'about'> => ({
  name: code,
  severity: 'error',
  message,
  remedy,
})
