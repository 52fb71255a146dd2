import { metaOf, type Work } from '../kind.ts'
import type { Labels, LabObject } from '../objects.ts'

/** PGO makes the claims itself, so they go with the cluster. */
export const createVolume = (resource: LabObject, name: string, labels: Labels, spec: object, work: Work) =>
  work.apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: metaOf(resource, name, labels), spec })
