import { isDeepStrictEqual } from 'node:util'
import type { Release, ReleaseHistory } from '../../helm/release.ts'
import { isUnfinishedStepBack } from '../charts/stepsBack.ts'

/** What a release is to be again. */
export type Target =
  | { readonly kind: 'back'; readonly to: Release }
  /** It is so already. */
  | { readonly kind: 'there'; readonly revision: number }
  | { readonly kind: 'none'; readonly why: string }

/**
 * The revision that is meant: the one that is named, or the last one that was in force before the present one. A step
 * back is made once: whoever asks again gets no further. Pure.
 */
export function targetOf([newest, ...older]: ReleaseHistory, revision: number | null): Target {
  const isBack = newest.status === 'deployed' ? newest.backTo : null
  if (revision === null && isBack !== null) return { kind: 'there', revision: isBack }
  // A step back that was broken off, or has failed, goes on.
  const wanted = revision ?? newest.backTo ?? likeness(newest, older)
  if (wanted !== null) {
    const isThere = newest.status === 'deployed' && (newest.revision === wanted || isBack === wanted)
    if (isThere) return { kind: 'there', revision: wanted }
    const to = older.find(one => one.revision === wanted)
    if (!to) return { kind: 'none', why: `there is no revision ${wanted}; ${knownText(older)}` }
    if (!wasInForce(to)) return { kind: 'none', why: `revision ${wanted} was never in force; ${knownText(older)}` }
    return { kind: 'back', to }
  }
  const inForce = newest.status === 'deployed' ? undefined : older.find(({ status }) => status === 'deployed')
  const to = inForce ?? older.find(wasInForce)
  return to ? { kind: 'back', to } : { kind: 'none', why: 'no earlier revision of it was ever in force' }
}

/** What a step back was to be that has failed: Helm 3 does not tell, and keeps what it was to be. */
function likeness(newest: Release, older: readonly Release[]): number | null {
  const { manifest, chart, values } = newest
  if (!isUnfinishedStepBack(newest)) return null
  const alike = older.find(
    one => wasInForce(one) && isDeepStrictEqual([one.manifest, one.chart, one.values], [manifest, chart, values]),
  )
  return alike?.revision ?? null
}

/** Helm also calls a failed one superseded once another step has failed after it. */
const wasInForce = ({ status, description }: Release): boolean =>
  status === 'deployed' || (status === 'superseded' && !/^(Release|Upgrade|Rollback) "[^"]*" failed/.test(description))

function knownText(older: readonly Release[]): string {
  const known = older.filter(wasInForce).map(({ revision }) => revision)
  return known.length === 0 ? 'none was ever in force before' : `in force were ${known.join(', ')}`
}
