import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { bindStage, type Need, type Stage, type StageKind, type StageRequest } from './stage.ts'

/** What a kind of stage is asked for with. */
export interface StageWish<Given> {
  /** Tells it from others of its kind in one plan: a hostname. Default: there is one. */
  readonly of?: string
  /** One line for people: `Join m2 as a server`. */
  readonly title: string
  readonly needs: readonly Need[]
  readonly arguments: Given
  /** Why it is not executed. */
  readonly disabled?: string
  /** See `StageRequest`. */
  readonly optional?: true
}

/** A kind of stage: how it is asked for, and the code that is bound to what is stored of it. */
export interface StageDefinition<Given, Surroundings> {
  readonly kind: string
  /** @throws ZodError when the arguments are not of its schema. */
  request(wish: StageWish<Given>): StageRequest
  over(surroundings: Surroundings): StageKind
}

/** Key in a plan of a stage that is asked for with this `of`. */
export const stageKey = (kind: string, of?: string): string => (of === undefined ? kind : `${kind}:${of}`)

/** `stage` makes the stage of parsed arguments; what it needs of the world it gets from the surroundings. */
export function defineStage<Arguments extends z.ZodType, Surroundings, Observed, Outputs, Begun>(definition: {
  /** `rke2/join` */
  readonly kind: string
  /** Earlier names of the same kind, still found in stored runs. */
  readonly aliases?: readonly string[]
  readonly arguments: Arguments
  stage(given: z.output<Arguments>, surroundings: Surroundings): Stage<Observed, Outputs, Begun>
}): StageDefinition<z.input<Arguments>, Surroundings> {
  const { kind, aliases } = definition
  return {
    kind,
    request({ of, arguments: given, ...wish }) {
      const parsed = definition.arguments.parse(given)
      return { kind, key: stageKey(kind, of), ...wish, arguments: z.json().parse(JSON.parse(JSON.stringify(parsed))) }
    },
    over: surroundings => ({
      kind,
      ...(aliases && { aliases }),
      bind({ key, arguments: stored }) {
        const parsed = definition.arguments.safeParse(stored)
        if (parsed.success) return bindStage(definition.stage(parsed.data, surroundings))
        throw new SlipwayError('stage-unknown', `the stored arguments of ${key} do not fit this version`, {
          cause: parsed.error,
        })
      },
    }),
  }
}
