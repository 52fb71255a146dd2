import type { layers } from '../contract/platform.ts'
import { catalogue } from './catalogue/index.ts'
import { enabledComponents, settingsOf } from './components/enabled.ts'
import { chartKey, componentKey, prerequisitesKey } from './named.ts'
import { hasPrerequisites } from './prerequisites/stage.ts'
import type { PlatformSpec } from './spec.ts'

/** What the platform of a cluster file is made of, as people are shown it. */
export interface ListedPart {
  readonly name: string
  readonly kind: 'prerequisites' | 'component' | 'chart'
  readonly title: string
  /** Null: it comes before all of them. */
  readonly layer: (typeof layers)[number] | null
  /** Of its stage. */
  readonly key: string
  /** The component that it comes with; null: the cluster file names it. */
  readonly needed_by: string | null
}

const prerequisites: ListedPart = {
  name: 'prerequisites',
  kind: 'prerequisites',
  title: 'Namespaces, and logins of image registries',
  layer: null,
  key: prerequisitesKey,
  needed_by: null,
}

/** Components that are to be there or are turned off, in the order of the catalogue, then charts in that of the file. Pure. */
export function listedPlatform(platform: PlatformSpec): ListedPart[] {
  const enabled = new Map(enabledComponents(platform).map(one => [one.component.name, one]))
  const components = catalogue.flatMap(({ name, title, layer }): ListedPart[] => {
    const one = enabled.get(name)
    const isOff = settingsOf(platform, name)?.enabled === false
    if (!one && !isOff) return []
    return [{ name, kind: 'component', title, layer, key: componentKey(name), needed_by: one?.neededBy ?? null }]
  })
  const charts = (platform.charts ?? []).map(
    ({ name, chart, repository }): ListedPart => ({
      name,
      kind: 'chart',
      title: repository === undefined ? chart : `${chart} of ${repository}`,
      layer: 'application',
      key: chartKey(name),
      needed_by: null,
    }),
  )
  return [...(hasPrerequisites(platform) ? [prerequisites] : []), ...components, ...charts]
}
