import { SlipwayError } from '../domain/errors.ts'
import type { RetryPolicy } from '../engine/contract/stage.ts'

/**
 * Whether an error may be gone a moment later: the way to a host was lost, or a host was not there when it was looked at
 * (a restart, a switch that learns anew), or the API did not answer. What a host answers is no such thing.
 */
export const isTransient = (error: Error): boolean =>
  error instanceof SlipwayError &&
  (error.code === 'host-unreachable' ||
    error.code === 'api-unreachable' ||
    (error.code === 'preflight-failed' &&
      error.findings.length > 0 &&
      error.findings.every(({ name }) => name === 'host-unreachable' || name === 'api-unreachable')))

/**
 * Of stages that talk to hosts: one more try after 3 s. With the time that a connection may take to be made this bridges
 * a quarter of a minute; a machine that is off must not hold up the end of a run for longer.
 */
export const overHosts: RetryPolicy = { attempts: 2, backoff: 3000, when: isTransient }
