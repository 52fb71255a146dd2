import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What of a PostgresCluster is read. */

export const group = 'postgres-operator.crunchydata.com'
export const label = (name: string): string => `${group}/${name}`

const claim = z.looseObject({ storageClassName: z.string().optional() })
const user = z.object({ name: z.string(), databases: z.array(z.string()).default([]), options: z.string().default('') })
export type User = z.infer<typeof user>

const repository = z.object({ name: z.string(), volume: z.object({ volumeClaimSpec: claim }).optional() })

export const clusterShape = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), generation: z.int() }),
  spec: z.object({
    postgresVersion: z.int(),
    image: z.string().optional(),
    port: z.int().default(5432),
    paused: z.boolean().default(false),
    shutdown: z.boolean().default(false),
    instances: z.array(
      z.object({
        name: z.string().default(''),
        replicas: z.int().default(1),
        dataVolumeClaimSpec: claim,
        resources: z.unknown().optional(),
      }),
    ),
    users: z.array(user).optional(),
    backups: z.object({ pgbackrest: z.object({ repos: z.array(repository).default([]) }).prefault({}) }).prefault({}),
  }),
})
export type Cluster = z.infer<typeof clusterShape>

/** Sets of instances; one without a name has that of its place, `00`. */
export const setsOf = ({ instances }: Cluster['spec']) =>
  instances.map((set, index) => ({ ...set, name: set.name || String(index).padStart(2, '0') }))

export interface Instance {
  /** Of its StatefulSet. */
  readonly name: string
  readonly set: ReturnType<typeof setsOf>[number]
}

/** An instance is a StatefulSet of one pod, whose name ends with four characters: here, always the same ones. */
export const instancesOf = ({ metadata, spec }: Cluster): Instance[] =>
  setsOf(spec).flatMap(set =>
    Array.from({ length: set.replicas }, (_, index) => {
      const hash = createHash('sha256').update(`${metadata.name}/${set.name}/${index}`).digest('hex').slice(0, 4)
      return { name: `${metadata.name}-${set.name}-${hash}`, set }
    }),
  )

/** Where nothing is said of users there is one, with a database, both named as the cluster. */
export const usersOf = ({ metadata: { name }, spec }: Cluster): readonly User[] =>
  spec.users ?? [{ name, databases: [name], options: '' }]
