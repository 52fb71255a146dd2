import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { type Resource, titleOf } from '../../kubernetes/resource.ts'
import type { LiveObject } from './leaving.ts'

/** Objects of one kind that would be left without whoever looks after them, or go with their definition. */
export interface Remaining {
  /** `postgresclusters.postgres-operator.crunchydata.com` */
  readonly definition: string
  /** Titles of some of them. */
  readonly some: readonly string[]
  readonly more: boolean
}

const mostShown = 5

/** Whose kinds count: those of these names, `<plural>.<group>`, and all of these groups. */
export interface AtStake {
  readonly definitions: readonly string[]
  readonly groups: readonly string[]
}

/** Names of the definitions that a chart had in its `crds/`, by what Helm keeps of them (base64). Pure. */
export const definitionsIn = (files: readonly string[]): string[] =>
  files.flatMap(file =>
    parseAllDocuments(Buffer.from(file, 'base64').toString('utf8'), { logLevel: 'silent', uniqueKeys: false }).flatMap(
      document => named.safeParse(document.toJS()).data?.metadata.name ?? [],
    ),
  )
const named = z.object({ kind: z.literal('CustomResourceDefinition'), metadata: z.object({ name: z.string() }) })

/**
 * Objects of custom kinds that are there. Those that go themselves do not count, unless something else has to let go of
 * them first: that may be the one that goes with them.
 */
export async function remainingObjects(
  client: Pick<ClusterClient, 'kinds' | 'list'>,
  { definitions, groups }: AtStake,
  going: readonly LiveObject[],
  call: Call,
): Promise<Remaining[]> {
  const names = new Set(definitions)
  const all = [...new Set([...groups, ...definitions.map(groupOfDefinition)])]
  const served = await Promise.all(all.map(group => client.kinds(group, call)))
  const kinds = served.flat().filter(kind => groups.includes(kind.group) || names.has(definitionOf(kind)))
  const leaving = new Set(
    going.flatMap(({ live: { metadata } }) => ((metadata.finalizers ?? []).length > 0 ? [] : [metadata.uid])),
  )
  const found = kinds.map(async (kind): Promise<Remaining[]> => {
    const some: string[] = []
    for await (const { metadata } of client.list(kind, {}, call)) {
      if (leaving.has(metadata.uid)) continue
      if (some.length === mostShown) return [{ definition: definitionOf(kind), some, more: true }]
      some.push(titleOf(kind, metadata))
    }
    return some.length === 0 ? [] : [{ definition: definitionOf(kind), some, more: false }]
  })
  return (await Promise.all(found)).flat()
}

const definitionOf = ({ plural, group }: Resource<LooseObject>): string => `${plural}.${group}`
export const groupOfDefinition = (name: string): string => name.slice(name.indexOf('.') + 1)

export const remainingText = ({ some, more }: Remaining): string => `${some.join(', ')}${more ? ' …' : ''}`
