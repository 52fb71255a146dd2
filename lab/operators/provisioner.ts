import { z } from 'zod'
import { isUnanswered, type LabApi, objectPath } from './api.ts'
import type { Informer } from './informer.ts'
import type { LabObject, Sent } from './objects.ts'
import { openWorkQueue } from './workQueue.ts'

/** A StorageClass of this provisioner has volumes at once, and lets them grow where it says so. */
export const provisionerName = 'lab.slipway/volumes'

const claimShape = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({
    volumeName: z.string().optional(),
    storageClassName: z.string().optional(),
    accessModes: z.array(z.string()),
    volumeMode: z.string().optional(),
    resources: z.object({ requests: z.object({ storage: z.string() }) }),
  }),
  status: z.object({ capacity: z.object({ storage: z.string() }).optional() }).prefault({}),
})
const classShape = z.object({
  metadata: z.object({ name: z.string() }),
  provisioner: z.string(),
  reclaimPolicy: z.string().default('Delete'),
  volumeBindingMode: z.string().default('Immediate'),
})
const volumeShape = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({ persistentVolumeReclaimPolicy: z.string().optional() }),
  status: z.object({ phase: z.string().default('Pending') }).prefault({}),
})
const provisionedBy = 'pv.kubernetes.io/provisioned-by'

interface Storage {
  readonly api: LabApi
  readonly claims: Informer
  readonly classes: Informer
  readonly volumes: Informer
  readonly onError: (error: unknown) => void
}

/** Makes a volume for each claim that its class asks this provisioner for; Kubernetes binds the two. */
export function openProvisioner({ api, claims, classes, volumes, onError }: Storage) {
  const provide = async (object: LabObject) => {
    const { metadata, spec, status } = claimShape.parse(object)
    const found = classes.all().find(one => one.metadata.name === spec.storageClassName)
    const storageClass = found && classShape.parse(found)
    if (storageClass?.provisioner !== provisionerName) return
    const size = spec.resources.requests.storage
    if (spec.volumeName !== undefined) {
      if (status.capacity === undefined || status.capacity.storage === size) return
      await api.merge(`/api/v1/persistentvolumes/${spec.volumeName}`, { spec: { capacity: { storage: size } } })
      const claim = `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims/${metadata.name}`
      await api.merge(`${claim}/status`, { status: { capacity: { storage: size } } })
      return
    }
    const isDue = storageClass.volumeBindingMode === 'Immediate' || metadata.annotations[selectedNode] !== undefined
    if (!isDue) return
    const volume: Sent = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pvc-${metadata.uid}`, annotations: { [provisionedBy]: provisionerName } },
      spec: {
        capacity: { storage: size },
        accessModes: spec.accessModes,
        storageClassName: storageClass.metadata.name,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...nameOf(metadata) },
        hostPath: { path: `/var/lib/lab-volumes/${metadata.uid}` },
      },
    }
    await api.apply(objectPath(volume), volume)
  }
  const reclaim = async (object: LabObject) => {
    const { metadata, spec, status } = volumeShape.parse(object)
    const isOurs = metadata.annotations[provisionedBy] === provisionerName
    if (isOurs && status.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete')
      await api.remove(`/api/v1/persistentvolumes/${metadata.name}`)
  }
  const queue = openWorkQueue(async key => {
    try {
      for (const claim of claims.all()) if (!claim.metadata.deletionTimestamp) await provide(claim)
      for (const volume of volumes.all()) if (!volume.metadata.deletionTimestamp) await reclaim(volume)
    } catch (error) {
      if (!isUnanswered(error)) onError(error)
      queue.later(key, 300)
    }
  })
  return { look: () => queue.add('all'), close: () => queue.close() }
}

const selectedNode = 'volume.kubernetes.io/selected-node'
const nameOf = ({ name, namespace, uid }: { name: string; namespace: string; uid: string }) => ({
  name,
  namespace,
  uid,
})
