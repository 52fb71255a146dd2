import type { Finding } from '../../domain/errors.ts'

const namedNodes = 10

/** Findings that say the same of several nodes as one that names them, where the first of them stood. */
export function shareFindings(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, ({ name, severity, about, message, remedy, place }) =>
    nodeOf(about) === null ? about + message : JSON.stringify([name, severity, message, remedy, place?.path ?? null]),
  )
  return [...groups.values()].flatMap((group): Finding[] => {
    const nodes = [...new Set(group.flatMap(({ about }) => nodeOf(about) ?? []))]
    const [first] = group
    if (!first || nodes.length < 2) return group
    const more = nodes.length - namedNodes
    const about = `nodes ${nodes.slice(0, namedNodes).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    return [{ ...first, about }]
  })
}

const nodeOf = (about: string): string | null => /^node (\S+)$/.exec(about)?.[1] ?? null
