import { storedFinding } from '../../contract/finding.ts'
import { type Finding, toSlipwayError } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import { atMost } from './atMost.ts'
import { ancestors, inOrder } from './graph.ts'
import { acceptedPart } from './leaveOut.ts'
import { createObservations } from '../contract/observations.ts'
import { makePlan } from './plan.ts'
import { plannedDecision } from './plannedDecision.ts'
import type { Registry } from '../contract/registry.ts'
import type { Subject } from '../../domain/subject.ts'
import type { BoundStage, Observation, Observations, StageContext, StageRequest, Unmet } from '../contract/stage.ts'
import type { PlannedOperation } from '../../contract/operations.ts'
import type { Plan, PlannedStage } from '../../contract/plan.ts'

export interface PlanOptions {
  readonly subject: Subject
  readonly desiredVersion: number
  /** One line for people: what this is about. Default `Apply NAME`. */
  readonly title?: string
  readonly operation?: PlannedOperation
  /** Give the observations on, so that a run that follows at once starts with them warm. */
  readonly observations?: Observations
  readonly signal: AbortSignal
  /** Stages that are looked at in parallel. */
  readonly looksAtOnce?: number
}

interface Observed {
  readonly request: StageRequest
  readonly stage: BoundStage
  readonly observation: Observation | null
  readonly error: unknown
}

/**
 * Asks every stage what it would do: looks, reads what is missing and what it decides, and stops there. Stages that
 * could not be looked at become findings, so that all are shown at once.
 * @throws SlipwayError `stage-unknown`, or whatever is an error of Slipway itself.
 */
export async function plan(requests: readonly StageRequest[], registry: Registry, options: PlanOptions): Promise<Plan> {
  const ordered = inOrder(requests)
  const above = ancestors(ordered)
  const slot = atMost(options.looksAtOnce ?? 64)
  const observations = options.observations ?? createObservations()
  const observed = new Map<string, Promise<Observed | null>>()
  const outputs = new Map<string, Promise<unknown>>()

  const contextOf = (key: string): StageContext => ({
    signal: options.signal,
    observations,
    async outputsOf(other) {
      if (!above.get(key)?.has(other)) throw new Error(`stage ${key} asks for outputs of ${other} without needing it`)
      const provider = await observed.get(other)
      if (provider?.observation?.decision.kind !== 'skip' || !provider.stage.outputs) return undefined
      const known = outputs.get(other) ?? provider.stage.outputs(contextOf(other))
      outputs.set(other, known)
      return known
    },
  })

  // In order, so that a stage that waits for another's outputs never holds the slot that the other one needs.
  for (const request of ordered) {
    if (request.disabled !== undefined) {
      observed.set(request.key, Promise.resolve(null))
      continue
    }
    const stage = registry.bind(request)
    const looking = slot(async (): Promise<Observed> => {
      options.signal.throwIfAborted()
      try {
        const { observation } = acceptedPart(await stage.observe(contextOf(request.key)))
        return { request, stage, observation, error: null }
      } catch (error) {
        return { request, stage, observation: null, error }
      }
    })
    looking.catch(() => {})
    observed.set(request.key, looking)
  }

  const found = new Map<string, Observed | null>()
  for (const request of ordered) found.set(request.key, (await observed.get(request.key)) ?? null)
  options.signal.throwIfAborted()
  const willRun = (key: string): boolean => {
    const observation = found.get(key)?.observation
    return observation?.decision.kind === 'run' || observation?.decision.kind === 'deferred'
  }
  return makePlan({
    subject: options.subject,
    title: options.title ?? `Apply ${options.subject.name}`,
    desired_version: options.desiredVersion,
    ...(options.operation && { operation: options.operation }),
    stages: requests.map(request =>
      planStage(
        request,
        found.get(request.key) ?? null,
        key => above.get(request.key)?.has(key) === true && willRun(key),
      ),
    ),
  })
}

function planStage(request: StageRequest, observed: Observed | null, provides: (key: string) => boolean): PlannedStage {
  const stage = {
    kind: request.kind,
    key: request.key,
    title: request.title,
    needs: request.needs.map(copyNeed),
    arguments: request.arguments,
    ...(request.optional && { optional: request.optional }),
  }
  if (request.disabled !== undefined)
    return {
      ...stage,
      disabled: request.disabled,
      decision: { kind: 'skip', reason: request.disabled },
      after: [],
      unmet: [],
    }
  if (!observed?.observation) return { ...stage, ...unknownDecision(request.key, observed?.error) }
  const { unmet: all } = observed.observation
  const later = all.flatMap(unmet => providersOf(unmet).filter(provides))
  const { decision } = observed.observation
  return {
    ...stage,
    decision: plannedDecision(decision),
    after: [...new Set([...later, ...(decision.kind === 'deferred' ? [decision.until] : [])])],
    unmet: all.filter(unmet => !providersOf(unmet).some(provides)).map(storedFinding),
  }
}

const asError = (one: Finding): Finding => ({ ...one, severity: 'error' })

const copyNeed = (need: StageRequest['needs'][number]): PlannedStage['needs'][number] => ({ ...need })

const providersOf = ({ providedBy }: Unmet): readonly string[] => [providedBy ?? []].flat()

function unknownDecision(key: string, thrown: unknown): Pick<PlannedStage, 'decision' | 'after' | 'unmet'> {
  const error = toSlipwayError(thrown)
  if (error.code === 'internal') throw error
  const findings = error.findings.length > 0 ? error.findings : [describe(key, error.code, error.message, error.remedy)]
  return {
    decision: { kind: 'unknown', reason: error.message },
    after: [],
    unmet: findings.map(asError),
  }
}

const describe = (key: string, name: FindingName, message: string, remedy: string): Finding => ({
  name,
  severity: 'error',
  about: `stage ${key}`,
  message,
  remedy,
})
