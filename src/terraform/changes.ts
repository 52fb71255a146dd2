import { isDeepStrictEqual } from 'node:util'
import type { Effect } from '../contract/plan.ts'
import type { ResourceChange } from './shapes.ts'

/** One thing that an apply of a plan would do. */
export interface TerraformChange {
  readonly address: string
  /** `replace`: it is deleted and made anew, with all that is on it. */
  readonly action: 'create' | 'update' | 'replace' | 'delete'
  /** It is made anew because its making has not come to a good end. */
  readonly unfinished: boolean
  /** What changes in it, by the names of its arguments; of a secret only that it changes. */
  readonly attributes: readonly AttributeChange[]
}

export interface AttributeChange {
  readonly name: string
  /** As JSON; null: there is none, or it is a secret. */
  readonly before: string | null
  readonly after: string | null
  readonly secret: boolean
  /** It can't be known before the apply. */
  readonly unknown: boolean
  readonly replaces: boolean
}

export const effectOf: Readonly<Record<TerraformChange['action'], Effect>> = {
  create: 'create',
  update: 'update',
  replace: 'delete',
  delete: 'delete',
}

/** What of the plan touches the world; reads of data do not. */
export const changesOf = (planned: readonly ResourceChange[]): readonly TerraformChange[] =>
  planned.flatMap(one => {
    const action = actionOf(one.change.actions)
    const unfinished = one.action_reason === 'replace_because_tainted'
    return action === null ? [] : [{ address: one.address, action, unfinished, attributes: attributesOf(one) }]
  })

function actionOf(actions: readonly string[]): TerraformChange['action'] | null {
  if (actions.includes('delete') && actions.includes('create')) return 'replace'
  for (const action of ['create', 'update', 'delete'] as const) if (actions.includes(action)) return action
  return null
}

function attributesOf({ change }: ResourceChange): readonly AttributeChange[] {
  const before = change.before ?? {}
  const after = change.after ?? {}
  const replacing = new Set((change.replace_paths ?? []).map(([name]) => String(name)))
  const names = [
    ...new Set([...Object.keys(before), ...Object.keys(after), ...keysOf(change.after_unknown)]),
  ].toSorted()
  return names.flatMap(name => {
    const unknown = isMarked(change.after_unknown, name)
    if (!unknown && isDeepStrictEqual(before[name], after[name])) return []
    // What is only computed, of something that is made or goes, says nothing.
    if (unknown && change.before === null) return []
    if (change.after !== null && !unknown && isNothing(before[name]) && isNothing(after[name])) return []
    const secret = isMarked(change.before_sensitive, name) || isMarked(change.after_sensitive, name)
    const shown = (value: unknown) => (secret || value === undefined || value === null ? null : JSON.stringify(value))
    return [
      {
        name,
        before: shown(before[name]),
        after: unknown ? null : shown(after[name]),
        secret,
        unknown,
        replaces: replacing.has(name),
      },
    ]
  })
}

const isNothing = (value: unknown): boolean => value === undefined || value === null

const keysOf = (marks: unknown): readonly string[] =>
  typeof marks === 'object' && marks !== null && !Array.isArray(marks) ? Object.keys(marks) : []

/** Marks are `true`, or a tree in which something below is; a secret below hides the whole argument. */
const isMarked = (marks: unknown, name: string): boolean => {
  if (marks === true) return true
  if (typeof marks !== 'object' || marks === null || Array.isArray(marks)) return false
  return holdsTrue(Object.entries(marks).find(([key]) => key === name)?.[1])
}

const holdsTrue = (marks: unknown): boolean =>
  marks === true ||
  (typeof marks === 'object' && marks !== null && Object.values(marks).some(below => holdsTrue(below)))
