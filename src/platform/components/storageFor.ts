import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { storageClasses, type StorageClass } from '../../kubernetes/resources.ts'
import type { PlatformSpec } from '../spec.ts'
import { resolveStorageClass, type StorageAnswer } from '../storage/storageClass.ts'
import type { EnabledComponent } from './enabled.ts'

/**
 * The storage class of a component on a cluster, with all that the cluster has.
 * @param kept the one that its data is in already; null: there is none yet.
 */
export async function storageFor(
  { component, set }: EnabledComponent,
  platform: PlatformSpec,
  kept: string | null,
  client: Pick<ClusterClient, 'snapshot'>,
  call: Call,
): Promise<{ readonly answer: StorageAnswer; readonly classes: readonly StorageClass[] }> {
  const { items: classes } = await client.snapshot(storageClasses, {}, call)
  const own: unknown = 'storage_class' in set ? set.storage_class : undefined
  const wishes = [
    { said: typeof own === 'string' ? own : null, place: `spec.platform.components.${component.name}.storage_class` },
    { said: platform.storage_class, place: 'spec.platform.storage_class' },
  ]
  return { answer: resolveStorageClass(wishes, classes, kept), classes }
}
