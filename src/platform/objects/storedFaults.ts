import type { Unmet } from '../../engine/contract/stage.ts'
import { bytesOf } from '../quantity.ts'
import type { ObjectsWish } from './objectsWish.ts'

/** Why volumes that are there cannot become those that are wanted. Pure. */
export function storedFaults(stored: ObjectsWish['stored']): Omit<Unmet, 'about' | 'severity'>[] {
  if (!stored) return []
  const { wanted, live, expandable } = stored
  const faults: Omit<Unmet, 'about' | 'severity'>[] = []
  if (live.storageClass !== null && live.storageClass !== wanted.storageClass)
    faults.push({
      name: 'volume-elsewhere',
      message: `its data is in storage class ${live.storageClass}, and not in ${wanted.storageClass}`,
      remedy: `Set storage_class: ${live.storageClass}; data is not moved to another class.`,
    })
  const [from, to] = [bytesOf(live.size ?? ''), bytesOf(wanted.size ?? '')]
  if (from !== null && to !== null && to < from)
    faults.push({
      name: 'volume-shrinks',
      message: `its volumes have ${live.size}, and are to have ${wanted.size}`,
      remedy: `A volume only grows: set size: ${live.size}, or more.`,
    })
  if (from !== null && to !== null && to > from && !expandable)
    faults.push({
      name: 'volume-fixed',
      message: `its volumes have ${live.size}, and those of storage class ${wanted.storageClass} cannot grow to ${wanted.size}`,
      remedy: `Set size: ${live.size}; or allow it where the provisioner can: allowVolumeExpansion: true of the storage class.`,
    })
  return faults
}
