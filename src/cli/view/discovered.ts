import type { Difference, Discovered } from '../../contract/discovery.ts'
import { shortHash } from '../../domain/planHash.ts'

const signs = { new: '+', gone: '-', changed: '~' } as const
/** Of a cluster that is seen for the first time nobody reads more. */
const longest = 20

const lineOf = ({ kind, about, message }: Difference): string => `  ${signs[kind]} ${about}: ${message}`

const headOf = ({ cluster, distribution, version, nodes }: Discovered): string => {
  const failed = nodes.filter(({ failure }) => failure !== null).length
  const servers = nodes.filter(({ role }) => role !== 'worker').length
  const told = [`${servers} ${servers === 1 ? 'server' : 'servers'}`, `${nodes.length - servers} workers`]
  return `${cluster}: ${distribution} ${version}, ${told.join(', ')}${failed > 0 ? `, ${failed} not ready` : ''}`
}

/** A cluster that is seen for the first time. */
export function discoveredLines(found: Discovered): string[] {
  const ofNodes = found.differences.filter(({ kind }) => kind === 'new')
  return [
    headOf(found),
    ...ofNodes.slice(0, longest).map(lineOf),
    ...(ofNodes.length > longest ? [`  … and ${ofNodes.length - longest} more: slipway nodes ${found.cluster}`] : []),
    found.recorded ? 'It is on record now; nothing was changed in it.' : 'Nothing was recorded.',
  ]
}

/** What is another than on record. */
export function differenceLines(found: Discovered): string[] {
  if (found.differences.length === 0) return [`${headOf(found)}: as it is on record`]
  const end = found.recorded
    ? ['It is on record now.']
    : [`Differences ${shortHash(found.hash)}; nothing is recorded yet.`]
  return [headOf(found), ...found.differences.map(lineOf), ...end]
}
