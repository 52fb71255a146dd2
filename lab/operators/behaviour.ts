import { z } from 'zod'

/**
 * How an operator treats its custom resources otherwise than at once and well.
 * - `delay`: ms from a change of the spec until something is done about it.
 * - `fail`: it fails, in these words, and does no more.
 * - `order`: what its status says at the wrong time, for as long as the rule stands.
 *   - `stale-generation`: it is well, of the generation before; where its kind names generations.
 *   - `ready-first`: it is well, before the delay is over and anything is made.
 *   - `flap`: it is well for as long as the delay, then for as long not, and then it is well.
 *   - `no-status`: everything is made, and nothing said.
 */
const behaviour = z.strictObject({
  delay: z.int().min(0).optional(),
  fail: z.string().optional(),
  order: z.enum(['stale-generation', 'ready-first', 'flap', 'no-status']).optional(),
})
export type Behaviour = z.infer<typeof behaviour>

/** By a kind, `PostgresCluster`, or one object of it, `PostgresCluster shop/db`, which goes before its kind; `*` for all. */
export const rulesShape = z.record(z.string(), behaviour)
export type Rules = Readonly<Record<string, Behaviour>>

export const behaviourOf = (rules: Rules, kind: string, place: string): Behaviour => ({
  ...rules['*'],
  ...rules[kind],
  ...rules[`${kind} ${place}`],
})
