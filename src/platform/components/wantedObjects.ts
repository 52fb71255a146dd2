import { whereKnown } from '../../kubernetes/apiErrors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { ObjectsComponent, Resolved, SettingsOf, Stored } from '../contract.ts'
import type { ObjectsWish } from '../objects/objectsWish.ts'
import { withLogins } from '../prerequisites/accounts.ts'
import type { PlatformSpec } from '../spec.ts'
import { type EnabledComponent, ownSettings } from './enabled.ts'
import { storageFor } from './storageFor.ts'

const nothing: Stored = { storageClass: null, size: null }

/** The objects of a component as they are wanted on a cluster: with the storage class that its data is kept in. */
export async function wantedObjects(
  enabled: EnabledComponent<ObjectsComponent>,
  platform: PlatformSpec,
  client: Pick<ClusterClient, 'get' | 'snapshot'>,
  { signal }: Call,
): Promise<ObjectsWish> {
  const { component, namespace, image } = enabled
  const settings = ownSettings(enabled) as SettingsOf<typeof component.settings>
  const logins = platform.image_pull_secret === undefined ? {} : { logins: withLogins }
  const resolved: Resolved = { namespace, image, storageClass: null, ...logins }
  if (!component.keepsData)
    return {
      objects: component.objects(settings, resolved),
      ready: component.ready(settings, resolved),
      unmet: [],
      facts: {},
      stored: null,
    }
  const live = await storedNow(component, component.objects(settings, resolved), client, { signal })
  const { answer, classes } = await storageFor(enabled, platform, live.storageClass, client, { signal })
  if (answer.name === null) return { objects: [], ready: [], unmet: [answer.finding], facts: {}, stored: null }
  const inClass: Resolved = { ...resolved, storageClass: answer.name }
  const objects = component.objects(settings, inClass)
  const [wanted = nothing] = objects.flatMap(({ object }) => component.stored?.(object as never) ?? [])
  const expandable = classes.find(({ metadata }) => metadata.name === answer.name)?.allowVolumeExpansion ?? false
  return {
    objects,
    ready: component.ready(settings, inClass),
    unmet: [],
    facts: { storage_class: answer.name, storage_class_from: answer.origin },
    stored: { wanted, live, expandable },
  }
}

/** What the objects keep that are there already. */
async function storedNow(
  component: ObjectsComponent,
  objects: ReturnType<ObjectsComponent['objects']>,
  client: Pick<ClusterClient, 'get'>,
  call: Call,
): Promise<Stored> {
  const found = await Promise.all(
    objects.map(async ({ resource, object }) => {
      const live = await whereKnown(client.get(resource, object.metadata, call))
      return live && component.stored ? component.stored(live) : null
    }),
  )
  return found.find(one => one !== null) ?? nothing
}
