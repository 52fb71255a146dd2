import { z } from 'zod'
import type { Json } from '../../contract/json.ts'
import { looseResource, partOf } from '../../kubernetes/looseObject.ts'
import { merged, valueAt } from '../charts/valueChanges.ts'
import { ofOne, ofPods, ofSecret } from '../conditions.ts'
import type { ChartComponent, Condition, ImageSettings, Marks } from '../contract.ts'
import { volumeSize } from '../quantity.ts'
import { storageClassName } from '../storage/storageClass.ts'
import type { OwnCondition, OwnDefinition, OwnSetting } from './definition.ts'

type Values = Readonly<Record<string, Json>>

/** A component of what is said of it: no code of its own is needed. Pure. @param directory of its definition. */
export function plainComponent(name: string, definition: OwnDefinition, directory: string): ChartComponent {
  const { namespace = name, timeout_s, required, found_by, settings, storage_class, ready } = definition
  const { chart, repository, version = '', digest } = definition
  return {
    kind: 'chart',
    name,
    title: definition.title,
    layer: definition.layer,
    needs: definition.needs,
    defaults: {
      namespace,
      timeout_s,
      required,
      ...(found_by?.min_version !== undefined && { min_version: found_by.min_version }),
    },
    settings: {
      ...Object.fromEntries(Object.entries(settings).map(([key, one]) => [key, shapeOf(one)])),
      ...(storage_class.length > 0 && { storage_class: storageSetting }),
    },
    chart: { chart, version, directory, ...(repository !== undefined && { repository }), ...(digest && { digest }) },
    ...(storage_class.length > 0 && { keepsData: true, storageClassValues: storage_class }),
    values: (set, { image }) =>
      [
        definition.values,
        ...Object.entries(settings).map(([key, { value }]) => at(value, set[key])),
        ...imageAt(definition.image, image),
      ].reduce<Values>(merged, {}),
    ...(found_by && { marks: marksOf(found_by) }),
    ready: (_set, resolved) => ready.map(one => conditionOf(one, resolved.namespace, name)),
  }
}

const storageSetting = storageClassName.nullable().optional().describe('In place of that of the whole platform')

function shapeOf(setting: OwnSetting): z.ZodType {
  const shape = typeOf(setting)
  const described = setting.description === undefined ? shape : shape.describe(setting.description)
  return setting.default === undefined ? described.optional() : described.default(setting.default as never)
}

function typeOf(setting: OwnSetting): z.ZodType {
  switch (setting.type) {
    case 'text':
      return setting.pattern === undefined
        ? z.string().max(4096)
        : z.string().regex(new RegExp(`^(?:${setting.pattern})$`), `it has to be like ${setting.pattern}`)
    case 'integer':
      return z
        .int()
        .min(setting.minimum ?? Number.MIN_SAFE_INTEGER)
        .max(setting.maximum ?? Number.MAX_SAFE_INTEGER)
    case 'boolean':
      return z.boolean()
    case 'size':
      return volumeSize
  }
}

/** Values with one of them at its path; none where it is not set. */
const at = (path: string, value: unknown): Values => (value === undefined ? {} : valueAt(path, value as Json))

const imageAt = (paths: OwnDefinition['image'], image: ImageSettings): Values[] =>
  (['registry', 'repository', 'tag'] as const).flatMap(part => {
    const path = paths[part]
    return path === undefined ? [] : [at(path, image[part])]
  })

const marksOf = ({ labels, names, image, definitions }: NonNullable<OwnDefinition['found_by']>): Marks => ({
  labels,
  names,
  image,
  definitions,
})

function conditionOf(condition: OwnCondition, namespace: string, name: string): Condition {
  if ('pods' in condition) return ofPods(namespace, condition.pods, condition.count, name)
  if ('secret' in condition) return ofSecret({ namespace, name: condition.secret }, condition.keys)
  const [group = '', version = ''] = condition.api_version.split('/')
  const resource = looseResource({ group, version, plural: condition.plural, kind: condition.kind, namespaced: true })
  return ofOne(resource, { namespace, name: condition.name }, object => {
    const all = partOf(object, 'status', 'conditions')
    const found = Array.isArray(all) ? all.find(one => partOf(one, 'type') === condition.condition) : undefined
    const observed = partOf(found, 'observedGeneration') ?? partOf(object, 'status', 'observedGeneration')
    if (typeof observed === 'number' && observed < (object.metadata.generation ?? 1)) return 'it has not been seen yet'
    if (partOf(found, 'status') === 'True') return null
    const why = partOf(found, 'message') ?? partOf(found, 'reason')
    return `it is not ${condition.condition}${typeof why === 'string' ? `: ${why}` : ''}`
  })
}
