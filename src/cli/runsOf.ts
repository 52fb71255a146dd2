import { SlipwayError } from '../domain/errors.ts'
import { readMachineName } from '../domain/machine.ts'

/**
 * Path of the cluster or of the machine whose runs are meant; null: neither is named.
 * @throws SlipwayError `usage` where both are.
 */
export function runsOf(cluster: string | undefined, machine: string | undefined): string | null {
  if (cluster !== undefined && machine !== undefined)
    throw new SlipwayError('usage', 'a cluster and a machine are named', { remedy: 'Name one of the two.' })
  if (machine !== undefined) return `/machines/${encodeURIComponent(readMachineName(machine))}`
  return cluster === undefined ? null : `/clusters/${encodeURIComponent(cluster)}`
}
