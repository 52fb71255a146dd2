import type { StageRequest } from '../contract/stage.ts'

type Node = Pick<StageRequest, 'key' | 'needs'>

/** Stages in an order in which every stage stands behind what it needs. @throws Error with what is wrong. */
export function inOrder<T extends Node>(stages: readonly T[]): T[] {
  const byKey = new Map<string, T>()
  for (const stage of stages) {
    if (byKey.has(stage.key)) throw new Error(`two stages have the key ${stage.key}`)
    byKey.set(stage.key, stage)
  }
  const missing = new Map<string, number>()
  const dependents = new Map<string, T[]>()
  for (const stage of stages) {
    const needed = new Set(stage.needs.map(need => need.stage))
    missing.set(stage.key, needed.size)
    for (const key of needed) {
      if (!byKey.has(key)) throw new Error(`stage ${stage.key} needs ${key}, which is not in the plan`)
      dependents.set(key, [...(dependents.get(key) ?? []), stage])
    }
  }
  const ordered = stages.filter(stage => missing.get(stage.key) === 0)
  for (let index = 0; index < ordered.length; index++)
    for (const dependent of dependents.get(ordered[index]?.key ?? '') ?? []) {
      const left = (missing.get(dependent.key) ?? 0) - 1
      missing.set(dependent.key, left)
      if (left === 0) ordered.push(dependent)
    }
  if (ordered.length < stages.length) {
    const rest = stages.filter(stage => (missing.get(stage.key) ?? 0) > 0).map(stage => stage.key)
    throw new Error(`stages need each other in a circle: ${rest.join(', ')}`)
  }
  return ordered
}

/** For every stage the keys of all stages before it. Takes stages in order. */
export function ancestors(ordered: readonly Node[]): Map<string, ReadonlySet<string>> {
  const all = new Map<string, ReadonlySet<string>>()
  for (const stage of ordered) {
    const own = new Set<string>()
    for (const { stage: key } of stage.needs) {
      own.add(key)
      for (const above of all.get(key) ?? []) own.add(above)
    }
    all.set(stage.key, own)
  }
  return all
}
