import type { PlatformFacts } from '../../../contract/platform.ts'
import type { Change, Decision, Stage, Unmet } from '../../../engine/contract/stage.ts'
import { titleOf } from '../../../kubernetes/resource.ts'
import { secrets } from '../../../kubernetes/resources.ts'
import {
  type DatabaseChange,
  databaseChanges,
  databaseFindings,
  toldDatabaseChange,
} from '../../../postgres/databases/changes.ts'
import { lookAtDatabases } from '../../../postgres/databases/look.ts'
import { makeDatabases } from '../../../postgres/databases/make.ts'
import type { DatabasesWish } from '../../../postgres/databases/wish.ts'
import { attempt, type Attempted, notFormed } from '../../attempt.ts'
import type { WorkStage, WorkWish } from '../../contract.ts'
import { type DatabaseServer, isElsewhere, serverOf, usersOf } from '../../databases/connection.ts'
import { overDatabases, withServer } from '../../databases/reach.ts'
import { isForLater, notReached, severityOf, unsaid, untilOf } from '../../databases/standing.ts'
import { keepRoleLogin, type RoleLogin, seeRoleLogins } from './roleLogins.ts'
import type { Settings, settings } from './schema.ts'

interface Look {
  readonly logins: readonly RoleLogin[]
  readonly changes: readonly DatabaseChange[]
  readonly findings: ReturnType<typeof databaseFindings>
}

interface Observed {
  readonly formed: boolean
  /** Neither a database nor a role is set. */
  readonly isEmpty: boolean
  /** Null: nothing says where one is. */
  readonly server: DatabaseServer | null
  readonly look: Attempted<Look> | null
  /** Roles that PGO makes, with passwords of its own. */
  readonly doubled: readonly string[]
}

/** Databases, roles and extensions: made where they are not there, and never dropped. */
export const stage: WorkStage<typeof settings> = (subject, session): Stage<Observed, unknown, void> => {
  const { about, name, namespace, timeout } = subject

  const changesIn = ({ logins, changes }: Look): Change[] => [
    ...logins.flatMap(({ place, state, role }): Change[] => {
      if (state !== 'absent' && state !== 'differs') return []
      const title = titleOf(secrets, place)
      return [
        {
          effect: state === 'absent' ? 'create' : 'update',
          target: `object/${title.replace(' ', '/')}`,
          summary:
            state === 'absent'
              ? `create ${title} with the login of role ${role.name}, and ${role.password_file === undefined ? 'a password that is made up now' : 'the password that is set'}`
              : `change what is in ${title}, the login of role ${role.name}`,
        },
      ]
    }),
    ...changes.map((change): Change => {
      const { target, detail } = toldDatabaseChange(change)
      return {
        effect: effectOf(change),
        target: `postgres/${target.replace(' ', '/')}`,
        summary: `${target} ${detail}`,
        detail,
      }
    }),
  ]
  const factsOf = ({ isEmpty, look }: Observed): PlatformFacts => {
    if (isEmpty) return { state: 'ready' }
    if (!look) return { state: 'absent' }
    if (!look.value) return { state: 'unknown' }
    return { state: changesIn(look.value).length > 0 ? 'differs' : 'ready' }
  }
  const key = `platform/databases/${name}`

  return {
    timeout: timeout + 15_000,
    retry: overDatabases,
    touches: [key],
    async observe({ signal, observations }): Promise<Observed> {
      const formed = (await session.secret('kubeconfig')) !== null
      const wish = await subject.read()
      const server = serverOf(wish.settings.connection, wish.other('infra-postgres'), namespace)
      const isEmpty = wish.settings.roles.length === 0 && wish.settings.databases.length === 0
      const doubled = isElsewhere(wish.settings.connection) ? [] : doubledRoles(wish)
      if (!formed || isEmpty || !server) return { formed, isEmpty, server, look: null, doubled }
      const look = observations.read(key, () =>
        withServer(server, session, signal, async reached => {
          const logins = await seeRoleLogins(wish.settings, namespace, reached, session, { signal })
          const wished = databasesWish(wish.settings, logins)
          const observed = await lookAtDatabases(reached.target, wished, signal)
          const changes = databaseChanges(wished, observed, () => true)
          const kept = changes.filter(({ kind }) => kind !== 'replace-password')
          return { logins, changes, findings: databaseFindings(wished, observed, kept) }
        }),
      )
      return { formed, isEmpty, server, look: await attempt(look, signal), doubled }
    },
    checkPrerequisites({ formed, isEmpty, server, look, doubled }): Unmet[] {
      if (isEmpty) return []
      if (!server) return [unsaid(about)]
      if (doubled.length > 0) return doubled.map(role => ofPgo(role, about))
      if (!formed) return subject.afterStages.length > 0 ? [] : [notFormed(session.cluster)]
      if (look?.error) return [notReached(look.error, about, subject)]
      return [
        ...(look?.value.logins ?? []).flatMap(({ state, place }): Unmet[] =>
          state === 'anothers'
            ? [
                {
                  name: 'object-of-another',
                  severity: 'error',
                  about,
                  message: `there is a ${titleOf(secrets, place)} already, which Slipway has not made`,
                  remedy: 'Set another namespace of the component, or take the Secret away where nobody uses it.',
                },
              ]
            : [],
        ),
        ...(look?.value.findings ?? []).map((found): Unmet => ({ ...found, severity: severityOf(found.name), about })),
      ]
    },
    shouldRun(observed): Decision {
      const facts = factsOf(observed)
      const { formed, isEmpty, look } = observed
      if (isEmpty) return { kind: 'skip', reason: 'no role and no database is set', facts }
      if (!look?.value) return isForLater(look?.error ?? null, formed, untilOf(subject, formed), facts)
      const changes = changesIn(look.value)
      if (changes.length > 0)
        return { kind: 'run', reason: 'databases and roles are not as the cluster file says', changes, facts }
      return { kind: 'skip', reason: 'all roles, databases and extensions are there', facts }
    },
    async execute(context) {
      const { signal } = context
      const wish = await subject.read()
      const server = serverOf(wish.settings.connection, wish.other('infra-postgres'), namespace)
      if (!server) throw new TypeError('a stage without a server does not run')
      await withServer(server, session, signal, async reached => {
        const seen = await seeRoleLogins(wish.settings, namespace, reached, session, { signal })
        const keep = (login: RoleLogin) => keepRoleLogin(login, reached.client, session, { signal })
        const logins: RoleLogin[] = []
        // A password that is new the server gets first: by the Secret it is known that it is.
        for (const login of seen) logins.push(login.isNew ? login : { ...login, password: await keep(login) })
        const wished = databasesWish(wish.settings, logins)
        const isReplaced = (role: string) =>
          context.changes.some(({ effect, target }) => effect === 'restart' && target === `postgres/role/${role}`)
        await makeDatabases(reached.target, wished, isReplaced, signal, text => void context.progress(text))
        for (const login of logins) if (login.isNew) await keep(login)
      })
    },
    async waitForReady() {
      // What was made was looked at when it was.
    },
  }
}

/** What has to be accepted is none of what a plan that knows nothing yet may let happen. */
const effectOf = ({ kind }: DatabaseChange): Change['effect'] =>
  kind === 'replace-password' ? 'restart' : kind.startsWith('create') ? 'create' : 'update'

const doubledRoles = ({ settings: { roles }, other }: WorkWish<typeof settings>): string[] => {
  const users = ['postgres', ...usersOf(other('infra-postgres')).map(({ name }) => name)]
  return roles.flatMap(({ name }) => (users.includes(name) ? [name] : []))
}

const ofPgo = (role: string, about: string): Unmet => ({
  name: 'database-twice',
  severity: 'error',
  about,
  message: `role ${role} is a user of infra-postgres as well, whose password is that of PGO`,
  remedy: 'Take it out of the roles: a database can belong to a user of infra-postgres as it is.',
})

const databasesWish = ({ roles, databases }: Settings, logins: readonly RoleLogin[]): DatabasesWish => ({
  roles: roles.map(({ name, login }) => ({
    name,
    login,
    password: logins.find(({ role }) => role.name === name)?.password ?? null,
    isNew: logins.some(({ role, isNew }) => role.name === name && isNew),
  })),
  databases: databases.map(({ name, owner, extensions }) => ({
    name,
    owner: owner ?? null,
    extensions: extensions.map(one =>
      typeof one === 'string' ? { name: one, version: null } : { name: one.name, version: one.version ?? null },
    ),
  })),
})
