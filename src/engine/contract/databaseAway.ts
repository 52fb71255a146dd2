import { SlipwayError } from '../../domain/errors.ts'
import type { RetryPolicy } from './stage.ts'

/** What a stage wanted of the database was not answered. That says nothing of the stage or its hosts. */
export const isDatabaseAway = (error: unknown): error is SlipwayError =>
  error instanceof SlipwayError && error.code === 'database-unavailable'

/** For any stage, beside its own policy: some minutes, unless the lease is lost before. */
export const databaseAway: RetryPolicy = { attempts: 20, backoff: 250, when: isDatabaseAway }
