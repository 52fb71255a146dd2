import { catalogue } from '../catalogue/index.ts'
import { enabledComponents, settingsOf } from '../components/enabled.ts'
import type { PlatformSpec } from '../spec.ts'

/**
 * The platform without these components and charts: a component is said to be off, since another one may need it; a chart is
 * named no more, nor is it waited for. What is off already stays as it is written. Pure.
 */
export function disabled(platform: PlatformSpec | undefined, names: readonly string[]): PlatformSpec | undefined {
  if (!platform) return undefined
  const off = new Set(names)
  const enabled = enabledComponents(platform).map(({ component }) => component.name)
  const turnedOff = enabled.filter(name => off.has(name))
  const charts = platform.charts
    ?.filter(({ name }) => !off.has(name))
    .map(chart =>
      chart.after?.some(one => off.has(one)) ? { ...chart, after: chart.after.filter(one => !off.has(one)) } : chart,
    )
  return {
    ...platform,
    ...(turnedOff.length > 0 && {
      components: {
        ...platform.components,
        ...Object.fromEntries(turnedOff.map(name => [name, { ...settingsOf(platform, name), enabled: false }])),
      },
    }),
    ...(charts && { charts }),
  }
}

/**
 * Those of the names that the platform wants in this namespace, or in any where none is said: a release elsewhere is one of
 * before, which nothing wants. Pure.
 */
export function wantedIn(
  platform: PlatformSpec | undefined,
  names: readonly string[],
  namespace: string | null,
): readonly string[] {
  if (namespace === null) return names
  const places = new Map([
    ...enabledComponents(platform ?? {}).map(one => [one.component.name, one.namespace] as const),
    ...(platform?.charts ?? []).map(chart => [chart.name, chart.namespace ?? chart.name] as const),
  ])
  return names.filter(name => (places.get(name) ?? namespace) === namespace)
}

/** Names that a component or a chart of one of these platforms has. Pure. */
export const namesIn = (platforms: readonly (Pick<PlatformSpec, 'charts'> | undefined)[]): ReadonlySet<string> =>
  new Set([
    ...catalogue.map(({ name }) => name),
    ...platforms.flatMap(platform => (platform?.charts ?? []).map(({ name }) => name)),
  ])
