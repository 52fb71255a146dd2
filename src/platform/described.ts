import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import type { ComponentInfo } from '../contract/platform.ts'
import { kindOf } from '../domain/clusterFile/kindText.ts'
import type { Labels } from '../kubernetes/labels.ts'
import { catalogue } from './catalogue/index.ts'
import { componentSchemas } from './componentSettings.ts'
import type { Component, Marks, SettingsOf } from './contract.ts'

/** What Slipway knows of a component, for those who choose one. Pure. */
export function describedComponent(component: Component): ComponentInfo {
  const { name, title, layer, needs, defaults } = component
  const chart = component.kind === 'chart' ? component.chart : null
  return {
    name,
    title,
    layer,
    needs,
    chart: chart && { chart: chart.chart, repository: chart.repository ?? null, version: chart.version || null },
    namespace: defaults.namespace,
    required: defaults.required,
    timeout_s: defaults.timeout_s,
    min_version: defaults.min_version ?? null,
    keeps_data: component.keepsData ?? false,
    found_by: component.kind === 'chart' && component.marks ? waysToFind(component.marks) : [],
    ready_when: [
      ...(component.kind === 'chart' ? ['Deployments, StatefulSets, DaemonSets and Jobs of its release'] : []),
      ...conditionsOf(component),
    ],
    settings: describedSettings(component),
  }
}

/** All of them, in the order of the catalogue. */
export const describedComponents = (): ComponentInfo[] => catalogue.map(describedComponent)

/** In the order in which it is looked for. */
const waysToFind = ({ labels, weakLabels, names, image }: Marks): string[] => [
  `a Deployment with the label ${pairs(labels)}`,
  ...(weakLabels ? [`one with ${pairs(weakLabels)} that runs the image ${image}`] : []),
  `one that is called ${names.join(' or ')}`,
]

const pairs = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')

function conditionsOf(component: Component): string[] {
  const settings = z.object(component.settings).safeParse({})
  if (component.kind === 'work') return [...component.done]
  if (!settings.success || !component.ready) return []
  const resolved = { namespace: component.defaults.namespace, storageClass: null, image: {} }
  return component.ready(settings.data as SettingsOf<typeof component.settings>, resolved).map(({ title }) => title)
}

function describedSettings({ name, defaults, ...component }: Component): ComponentInfo['settings'] {
  const shape = componentSchemas[name]
  const schema = shape && z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  const usual: Readonly<Record<string, Json | undefined>> = {
    ...defaults,
    ...(component.kind === 'chart' && component.chart),
    enabled: true,
  }
  return Object.entries(schema?.properties ?? {}).flatMap(([key, value]) =>
    typeof value === 'object'
      ? [
          {
            name: key,
            kind: kindOf(value),
            default: (value.default as Json | undefined) ?? usual[key] ?? null,
            description: value.description ?? '',
          },
        ]
      : [],
  )
}
