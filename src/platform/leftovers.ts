import { withClusterApi } from '../clusters/clusterApi.ts'
import type { Finding } from '../domain/errors.ts'
import { manifestObjects } from '../helm/manifest.ts'
import type { ReleasePlace } from '../helm/owner.ts'
import { readRelease } from '../helm/release.ts'
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
import { liveObjects } from './removal/leaving.ts'
import type { PlatformSpec } from './spec.ts'

/** What is on a cluster of this installation, and what the desired state does not want there: it stays. */
export interface Leftover {
  /** Of the release, or of the component that such objects are made for. */
  readonly name: string
  /** `release web/web`, `PostgresCluster postgres/old` */
  readonly where: string
  /** The command that takes it out, with what it keeps. */
  readonly removal: string
  /** What is left of it, of one whose removal was broken off; null: nobody has begun to take it out. */
  readonly half: readonly string[] | null
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
    .filter(({ name, half }) => half !== null || settingsOf(platform, name)?.enabled !== false)
    .map(leftover => ({
      severity: 'warning',
      about: leftover.name,
      ...(leftover.half ? halfNote : wholeNote)(leftover),
    }))

type Note = (leftover: Leftover) => Pick<Finding, 'name' | 'message' | 'remedy'>

const wholeNote: Note = ({ where, removal }) => ({
  name: 'no-longer-named',
  message: `${where} is of this installation, and the cluster file no longer names it: it stays as it is`,
  remedy: `Name it in the cluster file again; or take it out: ${removal}.`,
})

const halfNote: Note = leftover => ({
  name: 'removal-broken-off',
  message: halfText(leftover),
  remedy: `Go on with it: ${leftover.removal}. Named in the cluster file again, it is made whole by slipway platform apply.`,
})

const mostLeft = 10

/** Pure. */
export function halfText({ where, half }: Leftover): string {
  const left = half ?? []
  const more = left.length > mostLeft ? ` and ${left.length - mostLeft} more` : ''
  const what =
    left.length === 0 ? 'only Helm’s record of it is left' : `left are ${left.slice(0, mostLeft).join(', ')}${more}`
  return `${where} is half removed, as its removal was broken off: ${what}`
}

async function leftReleases(
  client: Pick<ClusterClient, 'get' | 'snapshot' | 'kinds'>,
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
  const found = items.map(({ metadata: { namespace = '', labels: of = {} } }) => ({
    namespace,
    name: of['name'] ?? '',
    revision: Number(of['version']),
    isHalf: of['status'] === 'uninstalling',
  }))
  const left = [...Map.groupBy(found, placeName)].map(async ([title, revisions]): Promise<Leftover[]> => {
    const [newest] = revisions.toSorted((one, other) => other.revision - one.revision)
    if (wanted.has(title) || !newest) return []
    const { name, namespace } = newest
    const removal = `slipway platform disable ${cluster} ${name} --uninstall --namespace ${namespace}`
    const half = newest.isHalf ? await leftOf(client, newest, call) : null
    return [{ name, where: `release ${title}`, removal, half }]
  })
  return (await Promise.all(left)).flat()
}

/** What is there of a release that was being taken out, but for what it keeps. */
async function leftOf(
  client: Pick<ClusterClient, 'get' | 'snapshot' | 'kinds'>,
  place: ReleasePlace,
  call: Call,
): Promise<string[]> {
  const release = await readRelease(client, place, call)
  const objects = manifestObjects(release?.newest.manifest ?? '').filter(({ kept }) => !kept)
  const live = await liveObjects(client, objects, place.namespace, call)
  return live.map(({ title, live: { metadata } }) => {
    const held = metadata.finalizers ?? []
    if (metadata.deletionTimestamp === undefined) return title
    return `${title} (being deleted${held.length === 0 ? '' : `, held by ${held.join(', ')}`})`
  })
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
      half: null,
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
