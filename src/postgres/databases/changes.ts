import type { KeyFileFault } from '../../domain/clusterFile/secretLine.ts'
import { nameFault } from './names.ts'
import type { DatabasesWish, DatabaseWish, ExtensionWish, ObservedDatabases, ObservedRole, RoleWish } from './wish.ts'

/** One step. Nothing is ever dropped. */
export type DatabaseChange =
  | { readonly kind: 'create-role'; readonly role: RoleWish }
  | { readonly kind: 'allow-login'; readonly role: RoleWish }
  /** Nobody has set one. */
  | { readonly kind: 'set-password'; readonly role: RoleWish }
  | { readonly kind: 'replace-password'; readonly role: RoleWish }
  /** So that we may give it what we make. */
  | { readonly kind: 'join-role'; readonly role: string; readonly me: string }
  | { readonly kind: 'create-database'; readonly database: DatabaseWish }
  | { readonly kind: 'change-owner'; readonly database: DatabaseWish; readonly from: string; readonly to: string }
  | { readonly kind: 'create-extension'; readonly database: string; readonly extension: ExtensionWish }
  | {
      readonly kind: 'update-extension'
      readonly database: string
      readonly extension: string
      readonly from: string
      readonly to: string
    }

/** What is to be done, in an order in which it can be. Pure. */
export function databaseChanges(
  { roles, databases }: DatabasesWish,
  observed: ObservedDatabases,
  /** Whether a password that somebody has set is replaced. */
  replacesPassword: (role: string) => boolean,
): DatabaseChange[] {
  const { me } = observed
  const owners = new Set<string>()
  return [...roles.flatMap(ofRole), ...databases.flatMap(ofDatabase)]

  function ofRole(role: RoleWish): DatabaseChange[] {
    const there = observed.roles.get(role.name)
    if (!there) return [{ kind: 'create-role', role }]
    const isOther = mayBeOther(role, there) && replacesPassword(role.name)
    return [
      ...(role.login && !there.login ? [{ kind: 'allow-login', role } as const] : []),
      ...(there.bare && role.password !== null ? [{ kind: 'set-password', role } as const] : []),
      ...(isOther ? [{ kind: 'replace-password', role } as const] : []),
    ]
  }

  function ofDatabase(database: DatabaseWish): DatabaseChange[] {
    const { name, owner } = database
    const there = observed.databases.get(name)
    const given = owner !== null && owner !== there?.owner
    return [
      ...(given ? joining(owner) : []),
      ...(there ? [] : [{ kind: 'create-database', database } as const]),
      ...(there && given ? [{ kind: 'change-owner', database, from: there.owner, to: owner } as const] : []),
      ...database.extensions.flatMap(extension => ofExtension(name, extension, there?.extensions.get(extension.name))),
    ]
  }

  function joining(owner: string): DatabaseChange[] {
    if (me.superuser || owner === me.name || owners.has(owner) || observed.roles.get(owner)?.mine) return []
    owners.add(owner)
    return [{ kind: 'join-role', role: owner, me: me.name }]
  }
}

/** Whether a role has, or may have, another password than it is to have. */
const mayBeOther = ({ password, isNew = false }: RoleWish, { bare, passwordFits }: ObservedRole): boolean =>
  !bare && (passwordFits === false || (passwordFits === null && isNew && password !== null))

function ofExtension(database: string, extension: ExtensionWish, there: string | undefined): DatabaseChange[] {
  const { name, version } = extension
  if (there === undefined) return [{ kind: 'create-extension', database, extension }]
  if (version === null || version === there) return []
  return [{ kind: 'update-extension', database, extension: name, from: there, to: version }]
}

/** For the plan: what it is about, and what becomes of it. No password is in it. */
export function toldDatabaseChange(change: DatabaseChange): { readonly target: string; readonly detail: string } {
  switch (change.kind) {
    case 'create-role': {
      const { name, login, password } = change.role
      const use = login ? `may log in${password === null ? ', without a password' : ''}` : 'may not log in'
      return { target: `role ${name}`, detail: `is created and ${use}` }
    }
    case 'allow-login':
      return { target: `role ${change.role.name}`, detail: 'may log in' }
    case 'set-password':
      return { target: `role ${change.role.name}`, detail: 'gets a password' }
    case 'replace-password':
      return { target: `role ${change.role.name}`, detail: 'gets another password' }
    case 'join-role':
      return { target: `role ${change.me}`, detail: `becomes a member of ${change.role}, to which it gives a database` }
    case 'create-database': {
      const { name, owner } = change.database
      return { target: `database ${name}`, detail: `is created${owner === null ? '' : ` and belongs to ${owner}`}` }
    }
    case 'change-owner':
      return { target: `database ${change.database.name}`, detail: `belongs to ${change.to} (now ${change.from})` }
    case 'create-extension': {
      const { name, version } = change.extension
      return {
        target: `database ${change.database}`,
        detail: `gets the extension ${name}${version === null ? '' : ` ${version}`}`,
      }
    }
    case 'update-extension':
      return {
        target: `database ${change.database}`,
        detail: `extension ${change.extension}: ${change.from} → ${change.to}`,
      }
  }
}

/** What is wrong with a wish whatever the server. Pure. */
export function wishFaults({ roles, databases }: DatabasesWish): KeyFileFault[] {
  const remedy = 'Correct the name in the cluster file.'
  const named = [
    ...roles.map(({ name }) => ['role', name] as const),
    ...databases.map(({ name }) => ['database', name] as const),
    ...databases.flatMap(({ extensions }) => extensions.map(({ name }) => ['extension', name] as const)),
  ]
  const names = named.flatMap(([kind, name]): KeyFileFault[] => {
    const fault = nameFault(kind, name)
    return fault === null
      ? []
      : [{ name: 'database-name', message: `${kind} ${JSON.stringify(name)}: ${fault}`, remedy }]
  })
  const twice = [...doubled('role', roles), ...doubled('database', databases)].map((what): KeyFileFault => {
    return { name: 'database-twice', message: `${what} is wished for twice`, remedy: 'Take one of them out.' }
  })
  return [...names, ...twice]
}

const doubled = (kind: string, all: readonly { readonly name: string }[]): string[] =>
  all.flatMap(({ name }, at) => (all.findIndex(other => other.name === name) < at ? [`${kind} ${name}`] : []))

/** What stands in the way on this server. Pure. */
export function databaseFindings(
  wish: DatabasesWish,
  observed: ObservedDatabases,
  changes: readonly DatabaseChange[],
): KeyFileFault[] {
  return [
    ...missingOwners(wish, observed),
    ...missingExtensions(wish, observed),
    ...missingRights(observed, changes),
    ...otherPasswords(wish, observed, changes),
  ]
}

function missingOwners({ roles, databases }: DatabasesWish, observed: ObservedDatabases): KeyFileFault[] {
  return databases.flatMap(({ name, owner }): KeyFileFault[] => {
    if (owner === null || observed.roles.has(owner) || roles.some(role => role.name === owner)) return []
    return [
      {
        name: 'database-owner-missing',
        message: `database ${name} is to belong to ${owner}, and there is no such role`,
        remedy: `Wish for the role ${owner} as well, or name another owner.`,
      },
    ]
  })
}

function missingExtensions(
  { databases }: DatabasesWish,
  { available, databases: there }: ObservedDatabases,
): KeyFileFault[] {
  return databases.flatMap(database =>
    database.extensions.flatMap(({ name, version }): KeyFileFault[] => {
      const installed = there.get(database.name)?.extensions.get(name)
      if (installed !== undefined && (version === null || version === installed)) return []
      const versions = available.get(name)
      if (versions && (version === null || versions.includes(version))) return []
      return [
        {
          name: 'extension-unavailable',
          message: `the server does not bring the extension ${name}${versions ? ` in version ${version}, but in ${versions.join(', ')}` : ''}`,
          remedy: 'Use an image of PostgreSQL that brings it, or take it out of the cluster file.',
        },
      ]
    }),
  )
}

function missingRights({ me }: ObservedDatabases, changes: readonly DatabaseChange[]): KeyFileFault[] {
  if (me.superuser) return []
  const needs = (right: string, has: boolean, kinds: readonly DatabaseChange['kind'][]): KeyFileFault[] =>
    has || !changes.some(({ kind }) => kinds.includes(kind))
      ? []
      : [
          {
            name: 'database-rights-missing',
            message: `role ${me.name} may not make what is wished for: it has no ${right}`,
            remedy: `Log in as another role, or let a superuser run: ALTER ROLE ${JSON.stringify(me.name)} ${right};`,
          },
        ]
  return [
    ...needs('CREATEROLE', me.makesRoles, ['create-role', 'allow-login', 'set-password', 'replace-password']),
    ...needs('CREATEDB', me.makesDatabases, ['create-database']),
  ]
}

function otherPasswords(
  { roles }: DatabasesWish,
  observed: ObservedDatabases,
  changes: readonly DatabaseChange[],
): KeyFileFault[] {
  const isReplaced = (name: string) =>
    changes.some(change => change.kind === 'replace-password' && change.role.name === name)
  return roles.flatMap((role): KeyFileFault[] => {
    const { name } = role
    const there = observed.roles.get(name)
    if (!there || !mayBeOther(role, there) || isReplaced(name)) return []
    const isKnown = there.passwordFits === false
    return [
      {
        name: 'role-password-differs',
        message: isKnown
          ? `role ${name} is there and has another password than the one that is wished for`
          : `the password of role ${name} is another one now, and the server does not tell from here which one the role has`,
        remedy:
          'Take its password over into the file or Secret that holds it; or accept that it is replaced: whoever uses the old one is locked out.',
      },
    ]
  })
}
