import type { PlatformDisable } from '../../contract/operations.ts'
import type { Finding } from '../../domain/errors.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'
import { catalogue } from '../catalogue/index.ts'
import { enabledComponents, ownSettings, settingsOf } from '../components/enabled.ts'
import type { ObjectsComponent } from '../contract.ts'
import type { PlatformSpec } from '../spec.ts'
import { removalStage } from './removal.ts'

/** How long what goes may take to be gone, ms: hooks, and finalizers that somebody lets go. */
const timeout = 600_000

/**
 * What is turned off, one after the other: charts, then components, from above to below. Pure.
 * @param platform as it is to be, without them.
 */
export function removalPipeline(
  cluster: string,
  {
    components: names,
    uninstall,
    cascade,
    namespace,
    unknown,
  }: PlatformDisable & { readonly unknown: readonly string[] },
  platform: PlatformSpec | undefined,
): { readonly stages: StageRequest[]; readonly findings: Finding[] } {
  const ordered = [...new Set(names)].toSorted((one, other) => heightOf(other) - heightOf(one))
  const stages = ordered.reduce<StageRequest[]>((made, name) => {
    const before = made.at(-1)
    const stays = catalogue.some(component => component.name === name && component.kind !== 'chart')
    const request = removalStage.request({
      of: name,
      title: `${catalogue.some(component => component.name === name) ? 'Component' : 'Chart'} ${name} off`,
      needs: before ? [{ stage: before.key }] : [],
      arguments: {
        cluster,
        name,
        namespace,
        uninstall: uninstall && !stays,
        cascade,
        unknown: unknown.includes(name),
        timeout,
      },
    })
    return [...made, request]
  }, [])
  return { stages, findings: uninstall ? ordered.flatMap(name => inTheWay(name, platform ?? {})) : [] }
}

/** Charts are above all components. */
function heightOf(name: string): number {
  const at = catalogue.findIndex(component => component.name === name)
  return at < 0 ? catalogue.length : at
}

function inTheWay(name: string, platform: PlatformSpec): Finding[] {
  const component = catalogue.find(one => one.name === name)
  if (!component) return []
  const about = `component ${name}`
  const findings: Finding[] = []
  if (component.kind === 'objects')
    findings.push({
      name: 'component-holds-data',
      severity: 'error',
      about,
      message: 'its data would go with its objects',
      remedy: `Disable it without --uninstall: it stays as it is. To delete it with its data, do that by hand then, while its operator runs: ${byHand(component, platform)}.`,
    })
  if (component.kind === 'work')
    findings.push({
      name: 'component-holds-data',
      severity: 'error',
      about,
      message: 'what it has made is used by others, and is in their databases',
      remedy: 'Disable it without --uninstall: what it has made stays as it is.',
    })
  const enabled = enabledComponents(platform)
  // Another release of it is to go than the one that is needed.
  if (enabled.some(one => one.component.name === name)) return findings
  const needing = enabled.filter(one => one.needs.includes(name)).map(one => one.component.name)
  if (needing.length > 0)
    findings.push({
      name: 'component-needed',
      severity: 'error',
      about,
      message: `${needing.join(', ')} ${needing.length === 1 ? 'needs' : 'need'} it, and ${needing.length === 1 ? 'is' : 'are'} to stay`,
      remedy: `Disable ${needing.join(', ')} first, or leave it where it is: disable it without --uninstall.`,
    })
  return findings
}

/** What to type so that the objects of a component go; volumes that they leave are to be looked for. */
function byHand(component: ObjectsComponent, platform: PlatformSpec): string {
  const set = settingsOf(platform, component.name) ?? {}
  const namespace = set.namespace ?? component.defaults.namespace
  const objects = component.objects(ownSettings({ component, set }), { namespace, storageClass: null, image: {} })
  const deleted = objects.map(
    ({ resource: { plural, group }, object }) =>
      `kubectl delete ${plural}.${group} ${object.metadata.name} -n ${namespace}`,
  )
  return [...deleted, `kubectl get pvc -n ${namespace} shows the volumes that it leaves`].join('; ')
}
