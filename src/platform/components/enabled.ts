import { z } from 'zod'
import { catalogue } from '../catalogue/index.ts'
import type { NamedChart } from '../chartSource.ts'
import type { ComponentSettings } from '../componentSettings.ts'
import type { ChartComponent, Component, ImageSettings } from '../contract.ts'
import type { PlatformSpec } from '../spec.ts'

/** A component as a cluster file wants it: what is set of it, over what holds for the whole platform, over its defaults. */
export interface EnabledComponent<Of extends Component = Component> {
  readonly component: Of
  readonly set: ComponentSettings
  readonly namespace: string
  readonly timeout_s: number
  readonly required: boolean
  readonly image: ImageSettings
  /** Components that have to be ready first, where they are to be there. */
  readonly needs: readonly string[]
  /** Why it is there where the cluster file does not name it: the component that needs it. */
  readonly neededBy: string | null
}

type Named = Pick<PlatformSpec, 'components' | 'image_registry'>

function isNamed(platform: Named, name: string): boolean {
  const set = settingsOf(platform, name)
  return set !== undefined && (set.enabled ?? true)
}

/** What the cluster file says of a component; undefined: nothing. Pure. */
export function settingsOf({ components = {} }: Named, name: string): ComponentSettings | undefined {
  const set: unknown = Object.hasOwn(components, name) ? components[name] : undefined
  // Its schema was parsed with the file; what every component has is the same in all of them.
  return set === undefined ? undefined : (set as ComponentSettings)
}

/** All components that are to be there, those that others need as well, in the order of the catalogue. Pure. */
export function enabledComponents(platform: Named): EnabledComponent[] {
  const neededBy = new Map<string, string | null>()
  const add = (name: string, by: string | null): void => {
    const component = catalogue.find(one => one.name === name)
    // What is turned off is somebody else's to bring.
    if (!component || neededBy.has(name) || settingsOf(platform, name)?.enabled === false) return
    neededBy.set(name, isNamed(platform, name) ? null : by)
    for (const need of needsOf(component, platform)) add(need, name)
  }
  for (const { name } of catalogue) if (isNamed(platform, name)) add(name, null)
  return catalogue.flatMap(component => {
    const by = neededBy.get(component.name)
    if (by === undefined) return []
    const { beside } = component
    const host =
      beside !== undefined && neededBy.has(beside) ? catalogue.find(({ name }) => name === beside) : undefined
    return [{ ...enabled(component, platform, host), neededBy: by }]
  })
}

function needsOf(component: Component, platform: Named): readonly string[] {
  if (!component.spares) return component.needs
  const set = settingsOf(platform, component.name) ?? {}
  const spared = component.spares(ownSettings({ component, set }))
  return component.needs.filter(need => !spared.includes(need))
}

const namespaceOf = ({ name, defaults }: Component, platform: Named): string =>
  settingsOf(platform, name)?.namespace ?? defaults.namespace

/** Pure. */
function enabled(
  component: Component,
  platform: Named,
  beside: Component = component,
): Omit<EnabledComponent, 'neededBy'> {
  const set = settingsOf(platform, component.name) ?? {}
  const { defaults } = component
  return {
    component,
    set,
    namespace: set.namespace ?? namespaceOf(beside, platform),
    timeout_s: set.timeout_s ?? defaults.timeout_s,
    required: set.required ?? defaults.required,
    needs: needsOf(component, platform),
    image: { ...set.image, registry: set.image?.registry ?? platform.image_registry },
  }
}

/** What is set of a component that only it has, with its defaults. */
export const ownSettings = ({ component, set }: Pick<EnabledComponent, 'component' | 'set'>): Record<string, unknown> =>
  z.object(component.settings).parse(set)

/** Where its chart comes from: as it is set, or where it is published. Pure. */
export function chartOf({ component: { chart }, set }: EnabledComponent<ChartComponent>): NamedChart {
  if (set.chart !== undefined) return set as NamedChart
  return {
    ...chart,
    ...(set.repository !== undefined && { repository: set.repository }),
    ...(set.version !== undefined && { version: set.version }),
    ...(set.digest !== undefined && { digest: set.digest }),
  }
}
