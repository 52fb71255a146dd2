import { SlipwayError } from '../domain/errors.ts'
import type { WantedRecord } from './session.ts'

/**
 * Passes on what a call of Terraform gives; a failure in the words of the machine's provider, where it knows what those of
 * its plugin mean.
 * @throws SlipwayError `provider-refused`; else what the call has thrown.
 */
export async function explained<T>({ name, provider }: WantedRecord, call: Promise<T> | T): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'terraform-failed') throw error
    const known = provider.explain?.(error.message)
    if (!known)
      throw new SlipwayError(error.code, error.message, {
        facts: { ...error.facts, machine: name },
        cause: error.cause,
      })
    throw new SlipwayError('provider-refused', `machine ${name}: ${known.message}`, {
      remedy: known.remedy,
      facts: { machine: name },
      cause: error,
    })
  }
}
