import { z } from 'zod'
import type { Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'

type Word = 'expanding' | 'operational' | 'failed' | 'paused'

/** Minor version of the operator, by the tag of its image; the newest where that tells none. */
function minorOf({ operator }: Work): number {
  const [, minor] = /:v?0\.(\d+)\./.exec(operator.image) ?? []
  return minor === undefined ? Number.POSITIVE_INFINITY : Number(minor)
}

/** The status of a VMCluster or VMSingle, by the names that it has in this version of the operator. */
export function statusOf(resource: LabObject, word: Word, work: Work, reason = ''): object {
  const former = `${resource['kind'] === 'VMSingle' ? 'single' : 'cluster'}Status`
  const minor = minorOf(work)
  return {
    ...(minor >= 50 && { updateStatus: word, observedGeneration: resource.metadata.generation }),
    ...(minor < 66 && minor !== 50 && { [former]: word }),
    ...(reason !== '' && { reason }),
  }
}

const statusShape = z.object({ updateStatus: z.string().optional(), observedGeneration: z.int().optional() })

export function isOperational({ metadata, status }: LabObject): boolean {
  const { updateStatus, observedGeneration } = statusShape.parse(status ?? {})
  return updateStatus === 'operational' && observedGeneration === metadata.generation
}

export const staleStatus = (status: object, generation: number): object =>
  'observedGeneration' in status ? { ...status, observedGeneration: generation - 1 } : status
