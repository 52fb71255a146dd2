import type { Finding } from '../../domain/errors.ts'
import type { Plan, PlannedDecision } from '../../contract/plan.ts'
import { canonicalJson, hashOf } from './canonical.ts'
import type { Change } from '../contract/stage.ts'
import type { Json } from '../../contract/json.ts'

/**
 * All that is missing, over all stages; what several stages lack is one finding. Errors refuse the plan; warnings have
 * to be accepted by name.
 */
export function planFindings(plan: Plan): Finding[] {
  const same = ({ name, severity, about, message }: Finding) => canonicalJson([name, severity, about, message])
  const groups = Map.groupBy(
    plan.stages.flatMap(stage => stage.unmet),
    same,
  )
  return [...groups.values()].flatMap(([first]) => first ?? [])
}

/** Puts a plan together from its stages: has_changes and hash follow from them. */
export function makePlan(parts: Omit<Plan, 'hash' | 'has_changes'>): Plan {
  return {
    hash: hashOf(hashedParts(parts)),
    ...parts,
    has_changes: parts.stages.some(({ decision }) => decision.kind === 'run' || decision.kind === 'deferred'),
  }
}

/**
 * What an approval is about: the version of the desired state, the stages with their needs and decisions, the
 * changes and the facts they rest on. No times, no wording, no findings (those are noise of health), no order that
 * means nothing.
 */
function hashedParts(parts: Omit<Plan, 'hash' | 'has_changes'>): Json {
  return {
    format: 2,
    subject: { ...parts.subject },
    desired_version: parts.desired_version,
    stages: parts.stages
      .map(stage => ({
        kind: stage.kind,
        key: stage.key,
        needs: stage.needs
          .map(need => ({ stage: need.stage, until: need.until ?? 'completed' }))
          .toSorted((a, b) => compare(canonicalJson(a), canonicalJson(b))),
        arguments: stage.arguments,
        disabled: stage.disabled !== undefined,
        ...(stage.optional && { optional: true }),
        decision: hashedDecision(stage.decision),
        ...hashedLeftOut(stage.decision),
      }))
      .toSorted((a, b) => compare(a.key, b.key)),
  }
}

/** Who is left out is approved with the rest; a plan that leaves out nobody is named as it always was. */
const hashedLeftOut = (decision: PlannedDecision): { readonly left_out?: Json } =>
  decision.kind === 'unknown' || decision.left_out === undefined
    ? {}
    : { left_out: decision.left_out.map(({ host }) => host).toSorted(compare) }

function hashedDecision(decision: PlannedDecision): Json {
  switch (decision.kind) {
    case 'unknown':
      return { kind: 'unknown' }
    case 'skip':
      return { kind: 'skip', facts: decision.facts ?? null }
    case 'run':
      return {
        kind: 'run',
        facts: decision.facts ?? null,
        changes: decision.changes.map(changeIdentity).toSorted(compare),
      }
    case 'deferred':
      return {
        kind: 'deferred',
        facts: decision.facts ?? null,
        until: decision.until,
        effects: [...new Set(decision.effects)].toSorted(compare),
      }
  }
}

/** Two changes are the same when effect, target and detail are; the summary is only wording. */
export const changeIdentity = (change: Omit<Change, 'detail'> & { readonly detail?: Json | undefined }): string =>
  canonicalJson([change.effect, change.target, change.detail ?? null])

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
