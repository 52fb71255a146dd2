import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'
import { labelSelector } from '../../kubernetes/labels.ts'
import type { PostgresTarget } from '../../postgres/session.ts'
import { loginSecretName } from '../catalogue/infra-postgres/objects.ts'
import { settings as postgresSettings } from '../catalogue/infra-postgres/schema.ts'
import type { SetComponent } from '../contract.ts'
import type { SecretPlace } from './login.ts'

/** Where a PostgreSQL server is on a cluster, and whose login is used. */

/** As the API takes it of a Secret or a Service: parts between dots. */
export const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'a name has lower-case letters, digits, hyphens and dots, and begins and ends with a letter or digit',
  )
export const databaseName = z.string().min(1).max(63)
const address = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/

export const connectionShape = z
  .strictObject({
    secret: objectName
      .optional()
      .describe(
        'Secret with the login of an administrator: user (or username), password, and host and port where it has them. Default: that of infra-postgres',
      ),
    namespace: clusterName.optional().describe('Of the Secret, and of the server; default is that of the component'),
    pods: z
      .record(z.string().max(317), z.string().max(63))
      .refine(labels => Object.keys(labels).length > 0, 'a label is needed')
      .optional()
      .describe('Labels of the pod that takes writes, to which the API leads'),
    service: clusterName.optional().describe('Service that leads to the pod that takes writes, in place of pods'),
    port: z.int().min(1).max(65535).default(5432).describe('Of the pods, or of the Service'),
    address: z
      .string()
      .max(300)
      .regex(address, 'an address is written like db.example:5432')
      .optional()
      .describe('At which this machine reaches the server by itself: then the API leads nowhere'),
    database: databaseName.default('postgres').describe('One that is there, to begin with'),
    tls: z
      .enum(['prefer', 'require', 'off'])
      .default('prefer')
      .describe('prefer: where the server offers it. require: never without. Certificates are not looked at'),
  })
  .refine(
    ({ secret, pods, service, address }) => secret === undefined || pods || service || address || zalando(secret),
    'say where the server is as well: pods, service or address',
  )
  .refine(
    ({ pods, service, address }) => [pods, service, address].filter(one => one !== undefined).length <= 1,
    'one of pods, service and address is enough',
  )
export type Connection = z.infer<typeof connectionShape>

/** A server, and how it is reached. */
export interface DatabaseServer {
  /** Secret with the login of who may make databases. */
  readonly administrator: SecretPlace
  readonly way: ServerWay
  /** Where the Secret of a login does not say it: a Service, and its port; null: nothing is known. */
  readonly host: string | null
  readonly port: number
  readonly database: string
  readonly tls: PostgresTarget['tls']
}

export type ServerWay =
  | { readonly kind: 'pods'; readonly namespace: string; readonly selector: string }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'address'; readonly host: string; readonly port: number }

const pgo = 'postgres-operator.crunchydata.com'
const postgresShape = z.object({ name: postgresSettings.name, users: postgresSettings.users })

/** The Secret in which PGO keeps the login of a user. Pure. */
export const userSecret = ({ namespace, settings }: SetComponent, user: string): SecretPlace => ({
  namespace,
  name: loginSecretName(postgresShape.parse(settings).name, user),
})

/** Users that PGO makes beside its administrator. Pure. */
export const usersOf = (postgres: SetComponent | null) => (postgres ? postgresShape.parse(postgres.settings).users : [])

/**
 * The server that is meant: the one of the connection, else that of infra-postgres. Pure.
 * @returns null where neither is said.
 */
export function serverOf(
  connection: Connection | undefined,
  postgres: SetComponent | null,
  namespace: string,
): DatabaseServer | null {
  const { secret, port = 5432, database = 'postgres', tls = 'prefer' } = connection ?? {}
  const base = { port, database, tls: { mode: tls } } as const
  const at = connection?.namespace ?? namespace
  if (secret !== undefined && connection) {
    const own = wayOf(connection, at)
    const way = own ?? spilo(secret, at)
    if (!way) return null
    return { ...base, administrator: { namespace: at, name: secret }, way, ...placeOf(way, secret, port) }
  }
  if (!postgres) return null
  const { name } = postgresShape.parse(postgres.settings)
  // Patroni calls it `primary` from 4 on.
  const selector = `${pgo}/cluster=${name},${pgo}/role in (master,primary)`
  return {
    ...base,
    administrator: userSecret(postgres, 'postgres'),
    way: wayOf(connection ?? {}, postgres.namespace) ?? { kind: 'pods', namespace: postgres.namespace, selector },
    host: `${name}-primary.${postgres.namespace}.svc`,
  }
}

/** Whether another server than that of infra-postgres is meant. Pure. */
export const isElsewhere = (connection: Connection | undefined): boolean => connection?.secret !== undefined

function wayOf(connection: Partial<Connection>, namespace: string): ServerWay | null {
  const { pods, service, address: written } = connection
  if (pods) return { kind: 'pods', namespace, selector: labelSelector(pods) }
  if (service !== undefined) return { kind: 'service', namespace, name: service }
  const [, six, name, port] = address.exec(written ?? '') ?? []
  return port === undefined ? null : { kind: 'address', host: six ?? name ?? '', port: Number(port) }
}

/** What is known of it without its Secret. */
function placeOf(way: ServerWay, secret: string, port: number): Pick<DatabaseServer, 'host' | 'port'> {
  if (way.kind === 'address') return { host: way.host, port: way.port }
  const service = way.kind === 'service' ? way.name : zalando(secret)?.cluster
  return { host: service === undefined ? null : `${service}.${way.namespace}.svc`, port }
}

/** By the name of its Secret alone: the pods of a cluster of Zalando's operator, of which Patroni says who is the primary. */
function spilo(secret: string, namespace: string): ServerWay | null {
  const named = zalando(secret)
  if (!named) return null
  const { cluster } = named
  const selector = `application=spilo,cluster-name=${cluster},spilo-role in (master,primary)`
  return { kind: 'pods', namespace, selector }
}

/** `USER.CLUSTER.credentials.postgresql.acid.zalan.do` */
function zalando(secret: string): { readonly cluster: string } | null {
  const [, cluster] = /^[a-z0-9-]+\.([a-z0-9-]+)\.credentials\.postgresql\.acid\.zalan\.do$/.exec(secret) ?? []
  return cluster === undefined ? null : { cluster }
}
