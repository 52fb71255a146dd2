import type { Run } from '../../api/runs/shapes.ts'

/** The status of a run as people read it: one that runs on record only does not pass for one at work. */
export const runStatus = ({ status, executed }: Pick<Run, 'executed'> & { readonly status: string }): string =>
  status === 'running' && executed === false ? 'running, waits for a server' : status
