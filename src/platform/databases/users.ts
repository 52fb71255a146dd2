import { z } from 'zod'
import { settings as initSettings } from '../catalogue/database-init/schema.ts'
import type { SetComponent, WorkWish } from '../contract.ts'
import { type Connection, type DatabaseServer, isElsewhere, serverOf, userSecret, usersOf } from './connection.ts'
import type { SecretPlace } from './login.ts'
import { roleSecret } from './roleSecret.ts'

/** A server with whom the cluster file knows on it. */
export interface KnownServer {
  /** Null: nothing says where one is. */
  readonly server: DatabaseServer | null
  /** The Secret with the login of a user; null: the file knows no such user. */
  secretOf(user: string): SecretPlace | null
  /** Who has a database, as far as the file knows, and logs in. */
  ownerOf(database: string): string | null
  /** All users with a login. */
  readonly users: readonly string[]
}

const initShape = z.object(initSettings)

/**
 * The server of a component: its own connection, else that of database-init, else infra-postgres. Pure.
 * @param namespace of the component.
 */
export function knownServer(
  connection: Connection | undefined,
  { other }: Pick<WorkWish, 'other'>,
  namespace: string,
): KnownServer {
  const init = initOf(other('database-init'))
  const postgres = other('infra-postgres')
  const [meant, at] = connection ? [connection, namespace] : [init?.settings.connection, init?.namespace ?? namespace]
  const pgo = isElsewhere(meant) ? null : postgres
  // Those of database-init are on its own server.
  const roles = (isElsewhere(connection) ? [] : (init?.settings.roles ?? [])).flatMap(({ name, login }) =>
    login ? [name] : [],
  )
  const made = usersOf(pgo)
  const secretOf = (user: string): SecretPlace | null => {
    if (init && roles.includes(user)) return roleSecret(init.namespace, user)
    return pgo && (user === 'postgres' || made.some(({ name }) => name === user)) ? userSecret(pgo, user) : null
  }
  return {
    server: serverOf(meant, postgres, at),
    secretOf,
    ownerOf(database) {
      const owner = init?.settings.databases.find(({ name }) => name === database)?.owner
      const user = owner ?? made.find(({ databases = [] }) => databases.includes(database))?.name
      return user !== undefined && secretOf(user) !== null ? user : null
    },
    users: [...roles, ...made.map(({ name }) => name)],
  }
}

const initOf = (init: SetComponent | null) =>
  init ? { namespace: init.namespace, settings: initShape.parse(init.settings) } : null
