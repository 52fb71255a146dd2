import type { Run } from '../../contract/runs.ts'

/**
 * The status of a run as people read it: one that runs on record only does not pass for one at work, and one of which
 * nothing was left to do not for one that another run has replaced.
 */
export function runStatus({
  status,
  executed,
  superseded_by,
}: Pick<Run, 'status' | 'executed' | 'superseded_by'>): string {
  if (status === 'running' && executed === false) return 'running, waits for a server'
  if (status === 'superseded' && superseded_by === null) return 'settled, nothing was left to do'
  return status
}
