import type { Json } from '../../contract/json.ts'
import type { Change } from '../../engine/contract/stage.ts'
import { type AttributeChange, effectOf, type TerraformChange } from '../../terraform/changes.ts'
import type { Leftover } from '../contract.ts'
import type { WantedRecord } from '../session.ts'
import type { StateWay } from '../stateLook.ts'

const words = { create: 'create', update: 'change', replace: 'destroy and make anew', delete: 'destroy' } as const

/**
 * What Terraform would do, as changes of a plan. What a new resource is made with is no part of it (`madeWith`): of one that
 * depends on another, more is known when that one is there.
 */
export const terraformChanges = (
  { name, answered }: Pick<WantedRecord, 'name' | 'answered'>,
  changes: readonly TerraformChange[],
): readonly Change[] =>
  changes.map(({ address, action, unfinished, attributes }) => ({
    effect: effectOf[action],
    target: `machine/${name}/${address}`,
    summary: unfinished
      ? `take away ${address}, which was not made to its end, and make it anew`
      : `${words[action]} ${address}${action === 'update' || action === 'replace' ? `: ${attributesText(attributes)}` : ''}`,
    detail: {
      action,
      ...((action === 'update' || action === 'replace') && { attributes: attributes.map(one => ({ ...one })) }),
    },
    // Nobody has ever been on it: what an interrupted or failed run has begun is only brought to its end.
    ...(!answered && (unfinished || action === 'replace') && { unasked: true }),
  }))

/** What new resources are made with, by their addresses: what an approval rests on. */
export const madeWith = (changes: readonly TerraformChange[]): Json =>
  Object.fromEntries(
    changes.flatMap(({ address, action, attributes }) =>
      action === 'create' ? [[address, attributes.map(one => ({ ...one }))]] : [],
    ),
  )

/** `memory 2048 → 4096, user_data (secret)` */
const attributesText = (attributes: readonly AttributeChange[]): string =>
  attributes
    .filter(({ unknown, replaces }) => !unknown || replaces)
    .map(({ name, before, after, secret, replaces }) => {
      const why = replaces ? ' (needs it anew)' : ''
      return secret ? `${name} (secret)${why}` : `${name} ${before ?? 'nothing'} → ${after ?? 'nothing'}${why}`
    })
    .join(', ')

/** What an interrupted run has left at the provider goes first. */
export const leftoverChanges = (machine: string, leftovers: readonly Leftover[]): readonly Change[] =>
  leftovers.map(({ what, id }) => ({
    effect: 'delete',
    target: `machine/${machine}/leftover/${id}`,
    summary: `take away ${what}, which an interrupted run has left`,
    detail: { id },
    unasked: true,
  }))

/**
 * Where the state goes, of a machine that has one. What only brings to its end what a run has begun is not more than was
 * approved; nor is that a new machine has its state where states are kept.
 */
export function stateChanges(machine: string, way: StateWay): readonly Change[] {
  if (way.kind === 'database')
    return way.leaving === null
      ? []
      : [
          stateChange(
            machine,
            `keep its Terraform state in the database, no longer in ${way.leaving.title}`,
            'database',
          ),
        ]
  const { backend, bring } = way
  // What is made anew for a mark is told by Terraform.
  if (bring === null || bring.why === 'new' || bring.why === 'tainted') return []
  const { fingerprint, title } = backend
  if (bring.why === 'unwritten')
    return [
      {
        ...stateChange(machine, `put the Terraform state that is on record into ${title}`, fingerprint),
        unasked: true,
      },
    ]
  return [
    stateChange(
      machine,
      `move its Terraform state from ${bring.from?.title ?? 'the database'} to ${title}`,
      fingerprint,
    ),
  ]
}

const stateChange = (machine: string, summary: string, to: string): Change => ({
  effect: 'update',
  target: `machine/${machine}/state`,
  summary,
  detail: { to },
})

/** What goes with a machine whose state is in a backend. */
export const stateRemoval = (machine: string, way: StateWay): readonly Change[] =>
  way.kind === 'database'
    ? []
    : [
        {
          effect: 'delete',
          target: `machine/${machine}/state`,
          summary: `remove its Terraform state from ${way.backend.title}`,
          detail: { from: way.backend.fingerprint },
        },
      ]
