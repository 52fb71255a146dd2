import type { Change } from '../../engine/contract/stage.ts'
import { type AttributeChange, effectOf, type TerraformChange } from '../../terraform/changes.ts'
import type { Leftover } from '../contract.ts'

const words = { create: 'create', update: 'change', replace: 'destroy and make anew', delete: 'destroy' } as const

/** What Terraform would do, as changes of a plan. */
export const terraformChanges = (machine: string, changes: readonly TerraformChange[]): readonly Change[] =>
  changes.map(({ address, action, attributes }) => ({
    effect: effectOf[action],
    target: `machine/${machine}/${address}`,
    summary: `${words[action]} ${address}${action === 'update' || action === 'replace' ? `: ${attributesText(attributes)}` : ''}`,
    detail: { action, attributes: attributes.map(one => ({ ...one })) },
  }))

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
  }))
