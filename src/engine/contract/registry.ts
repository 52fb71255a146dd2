import { SlipwayError } from '../../domain/errors.ts'
import type { BoundStage, StageKind, StageRequest } from './stage.ts'

/** The stages this version has code for. */
export interface Registry {
  /** @throws SlipwayError `stage-unknown` when no code has this name, or the arguments don't fit it. */
  bind(request: StageRequest): BoundStage
}

/** @throws Error when two kinds have the same name or alias. */
export function createRegistry(kinds: readonly StageKind[]): Registry {
  const byName = new Map<string, StageKind>()
  for (const kind of kinds)
    for (const name of [kind.kind, ...(kind.aliases ?? [])]) {
      if (byName.has(name)) throw new Error(`two stages are called ${name}`)
      byName.set(name, kind)
    }
  return {
    bind(request) {
      const kind = byName.get(request.kind)
      if (!kind)
        throw new SlipwayError('stage-unknown', `stage ${request.key}: no stage is called ${request.kind}`, {
          facts: { stage: request.key, kind: request.kind },
        })
      return kind.bind(request)
    },
  }
}
