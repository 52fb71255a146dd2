import { withClusterApi } from '../clusters/clusterApi.ts'
import type { Finding } from '../domain/errors.ts'
import { whereKnown } from '../kubernetes/apiErrors.ts'
import type { Call } from '../kubernetes/caller.ts'
import type { ClusterClient } from '../kubernetes/client.ts'
import { type Labels, labelSelector } from '../kubernetes/labels.ts'
import type { LooseObject } from '../kubernetes/looseObject.ts'
import { placeName, type Resource, titleOf } from '../kubernetes/resource.ts'
import { secrets } from '../kubernetes/resources.ts'
import { z } from 'zod'
import { catalogue } from './catalogue/index.ts'
import { enabledComponents, ownSettings, settingsOf } from './components/enabled.ts'
import type { ObjectsComponent, Resolved, SettingsOf, WantedObject } from './contract.ts'
import { ownLabels } from './ownLabels.ts'
import type { PlatformSession } from './platformSession.ts'
import type { PlatformSpec } from './spec.ts'

/** What is on a cluster of this installation, and what the desired state does not want there: it stays. */
export interface Leftover {
  /** Of the release, or of the component that such objects are made for. */
  readonly name: string
  /** `release web/web`, `PostgresCluster postgres/old` */
  readonly where: string
  /** The command that takes it out, with what it keeps. */
  readonly removal: string
}

/** None where the cluster is not there yet. @throws SlipwayError as `withClusterApi` says. */
export async function leftoversOn(
  session: PlatformSession,
  platform: PlatformSpec,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  if ((await session.secret('kubeconfig')) === null) return []
  return withClusterApi(session, signal, async client => {
    const labels = ownLabels(session)
    const releases = await leftReleases(client, session.cluster, platform, labels, { signal })
    return [...releases, ...(await leftObjects(client, platform, labels, { signal }))]
  })
}

/** What of it is to be known beside a plan: what is off is so by the file. Pure. */
export const leftoverNotes = (leftovers: readonly Leftover[], platform: PlatformSpec): Finding[] =>
  leftovers
    .filter(({ name }) => settingsOf(platform, name)?.enabled !== false)
    .map(({ name, where, removal }) => ({
      name: 'no-longer-named',
      severity: 'warning',
      about: name,
      message: `${where} is of this installation, and the cluster file no longer names it: it stays as it is`,
      remedy: `Name it in the cluster file again; or take it out: ${removal}.`,
    }))

async function leftReleases(
  client: Pick<ClusterClient, 'snapshot'>,
  cluster: string,
  platform: PlatformSpec,
  labels: Labels,
  call: Call,
): Promise<Leftover[]> {
  const wanted = new Set([
    ...enabledComponents(platform).map(({ component, namespace }) => placeName({ namespace, name: component.name })),
    ...(platform.charts ?? []).map(({ name, namespace = name }) => placeName({ namespace, name })),
  ])
  const inForce = `owner=helm,status!=superseded,status!=uninstalled,${labelSelector(labels)}`
  const { items } = await client.snapshot(secrets, { labelSelector: inForce }, call)
  const found = items.map(({ metadata }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.labels?.['name'] ?? '',
  }))
  const places = new Map(found.map(place => [placeName(place), place]))
  return [...places].flatMap(([title, { name, namespace }]) =>
    wanted.has(title)
      ? []
      : [
          {
            name,
            where: `release ${title}`,
            removal: `slipway platform disable ${cluster} ${name} --uninstall --namespace ${namespace}`,
          },
        ],
  )
}

async function leftObjects(
  client: Pick<ClusterClient, 'get' | 'snapshot'>,
  platform: PlatformSpec,
  labels: Labels,
  call: Call,
): Promise<Leftover[]> {
  const enabled = enabledComponents(platform)
  const wanted = new Set(
    enabled.flatMap(one => {
      const { component, namespace, image } = one
      if (component.kind !== 'objects') return []
      return namesOf(component.objects(ownSettings(one), { namespace, image, storageClass: null }))
    }),
  )
  const left = catalogue.map(async (component): Promise<Leftover[]> => {
    if (component.kind !== 'objects') return []
    const kinds = await Promise.all(kindsOf(component).map(kind => ofKind(client, kind, labels, call)))
    return kinds.flat().map(({ kind, object }) => ({
      name: component.name,
      where: titleOf(kind, object.metadata),
      removal: `kubectl delete ${kind.plural}.${kind.group} ${object.metadata.name} -n ${object.metadata.namespace ?? ''}, with its data`,
    }))
  })
  return (await Promise.all(left)).flat().filter(({ where }) => !wanted.has(where))
}

const namesOf = (objects: readonly WantedObject[]): string[] =>
  objects.map(({ resource, object }) => titleOf(resource, object.metadata))

/** The kinds of objects that a component is made of, whatever is set of it. */
function kindsOf(component: ObjectsComponent): Resource<LooseObject>[] {
  const settings = z.object(component.settings).safeParse({})
  if (!settings.success) return []
  const anywhere: Resolved = { namespace: component.defaults.namespace, image: {}, storageClass: null }
  const objects = component.objects(settings.data as SettingsOf<typeof component.settings>, anywhere)
  return [...new Map(objects.map(({ resource }) => [resource.kind, resource])).values()]
}

async function ofKind(
  client: Pick<ClusterClient, 'get' | 'snapshot'>,
  kind: Resource<LooseObject>,
  labels: Labels,
  call: Call,
): Promise<{ readonly kind: Resource; readonly object: LooseObject }[]> {
  const found = await whereKnown(client.snapshot(kind, { labelSelector: labelSelector(labels) }, call))
  return (found?.items ?? []).map(object => ({ kind, object }))
}
