import { z } from 'zod'
import { whereKnown } from './apiErrors.ts'
import type { Call, Caller } from './caller.ts'
import { type LooseObject, looseResource } from './looseObject.ts'
import type { Resource } from './resource.ts'

const group = z.object({
  preferredVersion: z.object({ version: z.string() }).optional(),
  versions: z.array(z.object({ version: z.string() })),
})
const resources = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()).nullish() }),
  ),
})

/** The kinds of objects that the API serves in a group, each once, in its preferred version where it has it; none in a group that it does not know. */
export async function askKinds(caller: Caller, name: string, call: Call): Promise<readonly Resource<LooseObject>[]> {
  const about = `ask for the kinds of ${name === '' ? 'the core group' : name}`
  const ask = (path: string) => whereKnown(caller.ask({ method: 'GET', path, about, repeatable: true }, call))
  const found = name === '' ? null : group.safeParse(await ask(`/apis/${encodeURIComponent(name)}`)).data
  const versions = name === '' ? ['v1'] : (found?.versions ?? []).map(({ version }) => version)
  const preferred = found?.preferredVersion?.version
  const inOrder = [...new Set([...(preferred === undefined ? [] : [preferred]), ...versions])]
  const kinds = new Map<string, Resource<LooseObject>>()
  for (const version of inOrder) {
    const path = name === '' ? `/api/${version}` : `/apis/${encodeURIComponent(name)}/${encodeURIComponent(version)}`
    for (const one of resources.safeParse(await ask(path)).data?.resources ?? []) {
      // Of a kind `pods/log` is a part, and what cannot be listed is a question and no object.
      if (one.name.includes('/') || !one.verbs?.includes('list') || kinds.has(one.kind)) continue
      const { kind, namespaced } = one
      kinds.set(kind, looseResource({ group: name, version, plural: one.name, kind, namespaced }))
    }
  }
  return [...kinds.values()]
}
