import { z } from 'zod'
import type { StorageClass } from '../../kubernetes/resources.ts'

/** Which storage class keeps data. */

/** What is said where the default one is meant; only a class that is really called so is meant by it otherwise. */
const meansDefault: ReadonlySet<string> = new Set(['', 'default'])

export const storageClassName = z
  .string()
  .max(253)
  .regex(
    /^$|^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    'a storage class has lower-case letters, digits, dots and hyphens, as kubectl get storageclasses shows it',
  )

/** A class, and where it is said; or why there is none. */
export type StorageAnswer =
  | { readonly name: string; readonly origin: string }
  | { readonly name: null; readonly finding: StorageFinding }

interface StorageFinding {
  readonly name: 'storage-class-unknown' | 'storage-class-ambiguous' | 'storage-class-missing'
  readonly message: string
  readonly remedy: string
}

/** One place where a class may be set, the most particular one first. */
export interface StorageWish {
  readonly said: string | null | undefined
  /** `spec.platform.storage_class` */
  readonly place: string
}

/**
 * The class that data is kept in: the configured one, else the one that what there is has already, else the default one of the
 * cluster. Never empty; `default` is one only where a class is called so. Pure.
 * @param kept of an object that is there already: its volumes keep it whatever becomes the default.
 */
export function resolveStorageClass(
  wishes: readonly StorageWish[],
  classes: readonly StorageClass[],
  kept: string | null = null,
): StorageAnswer {
  const names = new Set(classes.map(({ metadata }) => metadata.name))
  const listed = names.size === 0 ? 'the cluster has none' : `the cluster has ${[...names].toSorted().join(', ')}`
  const wish = wishes.find(
    ({ said }) => typeof said === 'string' && (!meansDefault.has(said) || (said !== '' && names.has(said))),
  )
  if (typeof wish?.said === 'string') {
    if (names.has(wish.said)) return { name: wish.said, origin: wish.place }
    return {
      name: null,
      finding: {
        name: 'storage-class-unknown',
        message: `there is no storage class ${wish.said} (${wish.place}): ${listed}`,
        remedy: 'Name one of those, or install what brings it; kubectl get storageclasses shows them.',
      },
    }
  }
  if (kept !== null && kept !== '' && names.has(kept)) return { name: kept, origin: 'as it is there' }
  const defaults = classes.filter(isDefault).map(({ metadata }) => metadata.name)
  const [only, another] = defaults
  if (only !== undefined && another === undefined) return { name: only, origin: 'default of the cluster' }
  const place = wishes.at(-1)?.place ?? 'storage_class'
  if (only === undefined)
    return {
      name: null,
      finding: {
        name: 'storage-class-missing',
        message: `no storage class is set, and the cluster has no default one: ${listed}`,
        remedy: `Name one: ${place}; or mark one as the default of the cluster.`,
      },
    }
  return {
    name: null,
    finding: {
      name: 'storage-class-ambiguous',
      message: `no storage class is set, and the cluster has several default ones: ${defaults.toSorted().join(', ')}`,
      remedy: `Name one: ${place}; or leave one of them alone as the default.`,
    },
  }
}

const mark = 'storageclass.kubernetes.io/is-default-class'
const earlierMark = 'storageclass.beta.kubernetes.io/is-default-class'

const isDefault = ({ metadata: { annotations = {} } }: StorageClass): boolean =>
  annotations[mark] === 'true' || annotations[earlierMark] === 'true'
