import { SlipwayError } from '../../domain/errors.ts'
import { hostList } from '../../domain/hostList.ts'
import type { Registry } from '../../engine/contract/registry.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'

/**
 * What people call a stage: its key, but for a batch what is in it (`rke2/workers w1, w2, w3`), as the key of a batch
 * names the first of them only. A stored stage without code in this version keeps its key.
 */
export function stageName(request: StageRequest, registry: Registry): string {
  const hosts = hostsOf(request, registry)
  const isBatch = hosts.length > 1 && request.key === `${request.kind}:${hosts[0]}`
  return isBatch ? `${request.kind} ${hostList(hosts)}` : request.key
}

function hostsOf(request: StageRequest, registry: Registry): readonly string[] {
  try {
    return registry.bind(request).hosts ?? []
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'stage-unknown') return []
    throw error
  }
}
