import type { Finding } from '../../domain/errors.ts'

const namedNodes = 10

/** Findings that say the same of several nodes as one that names them, where the first of them stood. */
export function shareFindings(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, ({ name, severity, about, message, remedy, place }) =>
    nodesOf(about).length === 0
      ? about + message
      : JSON.stringify([name, severity, message, remedy, place?.path ?? null]),
  )
  return [...groups.values()].flatMap((group): Finding[] => {
    const nodes = [...new Set(group.flatMap(({ about }) => nodesOf(about)))]
    const [first] = group
    if (!first || group.length < 2) return group
    const more = nodes.length - namedNodes
    const about = `nodes ${nodes.slice(0, namedNodes).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    return [{ ...first, about }]
  })
}

/** Of `node m1` and of `nodes m1, w1`, as a batch tells of several; a list that was cut stays as it is. */
const nodesOf = (about: string): string[] => {
  const names = /^nodes? (.+)$/.exec(about)?.[1]?.split(', ') ?? []
  return names.every(name => /^\S+$/.test(name)) ? names : []
}
