import { z } from 'zod'
import type { Finding } from '../domain/errors.ts'
import { readsAsFindingName } from '../domain/findingCatalogue.ts'
import { canonicalJson, hashOf } from './canonical.ts'
import { subjectSchema } from '../domain/subject.ts'
import type { Change, Json } from './stage.ts'

/** A plan is data: shown, hashed, stored, approved. The same words in API, file and database. */

const json: z.ZodType<Json> = z.json()

export const changeSchema = z.object({
  effect: z.enum(['create', 'update', 'restart', 'delete']),
  target: z.string(),
  summary: z.string(),
  detail: json.optional(),
})

export const findingSchema = z.object({
  name: z.string().refine(readsAsFindingName),
  severity: z.enum(['error', 'warning']),
  about: z.string(),
  message: z.string(),
  remedy: z.string(),
})

const leftOut = z.array(z.object({ host: z.string(), reason: z.string() })).optional()

/** A stage's decision, or `unknown` when it could not be looked at: then a finding says why. */
export const decisionSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('skip'),
    reason: z.string(),
    facts: json.optional(),
    left_out: leftOut,
    absent: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('run'),
    reason: z.string(),
    changes: z.array(changeSchema),
    facts: json.optional(),
    left_out: leftOut,
  }),
  z.object({
    kind: z.literal('deferred'),
    reason: z.string(),
    until: z.string(),
    effects: z.array(z.enum(['create', 'update', 'restart', 'delete'])),
    facts: json.optional(),
    left_out: leftOut,
  }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
])

export const plannedStageSchema = z.object({
  kind: z.string(),
  key: z.string(),
  title: z.string(),
  needs: z.array(z.object({ stage: z.string(), until: z.enum(['completed', 'settled']).optional() })),
  arguments: json,
  disabled: z.string().optional(),
  decision: decisionSchema,
  /** Stages that bring what is still missing: 'after X'. */
  after: z.array(z.string()),
  /** What is missing and no stage of the plan brings. */
  unmet: z.array(findingSchema),
})

export const planSchema = z.object({
  hash: z.string(),
  subject: subjectSchema,
  title: z.string(),
  desired_version: z.int(),
  has_changes: z.boolean(),
  stages: z.array(plannedStageSchema),
})

export type PlannedDecision = z.infer<typeof decisionSchema>
export type PlannedStage = z.infer<typeof plannedStageSchema>
export type Plan = z.infer<typeof planSchema>

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
