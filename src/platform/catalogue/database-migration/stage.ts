import type { PlatformFacts } from '../../../contract/platform.ts'
import type { Change, Decision, Stage, Unmet } from '../../../engine/contract/stage.ts'
import { applyMigrations } from '../../../postgres/migrations/apply.ts'
import type { MigrationFinding } from '../../../postgres/migrations/standing.ts'
import { attempt, type Attempted, notFormed, toldUnmet } from '../../attempt.ts'
import type { WorkStage } from '../../contract.ts'
import { overDatabases, withServer } from '../../databases/reach.ts'
import { isForLater, notReached, severityOf, unsaid, untilOf } from '../../databases/standing.ts'
import { type KnownServer, knownServer } from '../../databases/users.ts'
import { lookAtFolders, type MigrationFolder, readFolder, targetOf } from './folders.ts'
import type { Settings, settings } from './schema.ts'

type Looks = Awaited<ReturnType<typeof lookAtFolders>>

interface Observed {
  readonly formed: boolean
  readonly known: KnownServer
  readonly folders: Attempted<readonly MigrationFolder[]>
  readonly look: Attempted<Looks> | null
}

/** Files of SQL, each applied once, in the order of their numbers; what was applied before one that fails stays. */
export const stage: WorkStage<typeof settings> = (subject, session): Stage<Observed, unknown, void> => {
  const { about, name, namespace, timeout } = subject
  const key = `platform/databases/${name}`
  const wanted = async () => {
    const wish = await subject.read()
    return { settings: wish.settings, known: knownServer(wish.settings.connection, wish, namespace) }
  }
  const read = ({ folders }: Settings, known: KnownServer) =>
    Promise.all(folders.map(folder => readFolder(folder, known, session)))

  const factsOf = ({ folders, look }: Observed): PlatformFacts => {
    if (folders.value?.length === 0) return { state: 'ready' }
    if (!look) return { state: 'absent' }
    if (!look.value || look.value.some(({ standing }) => standing.error)) return { state: 'unknown' }
    return { state: changesIn(look.value).length > 0 ? 'differs' : 'ready' }
  }

  return {
    timeout: timeout + 15_000,
    retry: overDatabases,
    touches: [key],
    async observe({ signal, observations }): Promise<Observed> {
      const formed = (await session.secret('kubeconfig')) !== null
      const { settings: set, known } = await wanted()
      const folders = await attempt(read(set, known), signal)
      const { server } = known
      if (!formed || !server || !folders.value || folders.value.length === 0)
        return { formed, known, folders, look: null }
      const { value } = folders
      const look = observations.read(key, () =>
        withServer(server, session, signal, reached => lookAtFolders(value, reached, session, signal)),
      )
      return { formed, known, folders, look: await attempt(look, signal) }
    },
    checkPrerequisites({ formed, known, folders, look }): Unmet[] {
      if (folders.error) return [{ ...toldUnmet(folders.error), about }]
      if (folders.value.length === 0) return []
      if (!known.server) return [unsaid(about)]
      const unknown = folders.value.flatMap(folder => whoIsUnknown(folder, known, about))
      if (!formed) return subject.afterStages.length > 0 ? unknown : [...unknown, notFormed(session.cluster)]
      if (look?.error) return [...unknown, notReached(look.error, about, subject)]
      return [
        ...unknown,
        ...(look?.value ?? []).flatMap(({ folder, standing }): Unmet[] =>
          standing.error
            ? [notReached(standing.error, about, subject)]
            : standing.value.findings.map(({ name: found, message, remedy }) => ({
                name: found,
                severity: severityOf(found),
                message,
                remedy,
                about: `database ${folder.database}`,
              })),
        ),
      ]
    },
    shouldRun(observed): Decision {
      const facts = factsOf(observed)
      const { formed, folders, look } = observed
      if (folders.value?.length === 0) return { kind: 'skip', reason: 'no folder of migrations is set', facts }
      const error = folders.error ?? look?.error ?? look?.value.find(({ standing }) => standing.error)?.standing.error
      if (error || !look?.value) return isForLater(error ?? null, formed, untilOf(subject, formed), facts)
      const changes = changesIn(look.value)
      if (changes.length > 0) return { kind: 'run', reason: 'there are migrations to apply', changes, facts }
      const count = look.value.reduce((sum, { folder }) => sum + folder.migrations.length, 0)
      return { kind: 'skip', reason: `all migrations are applied (${count})`, facts }
    },
    async execute(context, { look }) {
      const { signal } = context
      const { settings: set, known } = await wanted()
      const { server } = known
      if (!server) throw new TypeError('a stage without a server does not run')
      const folders = await read(set, known)
      await withServer(server, session, signal, async reached => {
        for (const folder of folders) {
          const { database, migrations } = folder
          const seen = look?.value?.find(one => one.folder.database === database)?.standing.value?.findings ?? []
          const order = {
            migrations,
            by: `slipway, run ${context.run}`,
            // What was seen is what was approved; what has come since is refused.
            isAccepted: (finding: MigrationFinding) =>
              severityOf(finding.name) === 'warning' &&
              seen.some(one => one.name === finding.name && one.number === finding.number),
            limits: {
              statement: (set.statement_timeout_s ?? 0) * 1000,
              lock: set.lock_timeout_s * 1000,
              turn: timeout,
            },
          }
          await applyMigrations(await targetOf(folder, reached, session, signal), order, signal, text => {
            void context.progress(`database ${database}: ${text}`)
          })
        }
      })
    },
    async waitForReady() {
      // What was applied is on record in the database.
    },
  }
}

/** All that is pending. What has to be accepted is none of what a plan that knows nothing yet may let happen. */
const changesIn = (looks: Looks): Change[] =>
  looks.flatMap(({ folder: { database, role }, standing }) => {
    const { pending = [], findings = [] } = standing.value ?? {}
    return pending.map(({ number, name, checksum, transaction }): Change => {
      const despite = findings.filter(found => found.number === number || found.name === 'migration-missing')
      return {
        effect: despite.length > 0 ? 'restart' : 'create',
        target: `postgres/database/${database}/${name}`,
        summary: `apply ${name} to database ${database}${role ? ` as ${role.name}` : ''}${transaction ? '' : ', without a transaction'}`,
        detail: {
          checksum,
          ...(despite.length > 0 && { despite: despite.map(one => `${one.name}:${one.number}`) }),
        },
      }
    })
  })

function whoIsUnknown({ database, unknownRole }: MigrationFolder, { users }: KnownServer, about: string): Unmet[] {
  if (unknownRole === null) return []
  return [
    {
      name: 'database-user-unknown',
      severity: 'error',
      about,
      message: `the migrations of database ${database} are to be applied as ${unknownRole}, of whom no login is known`,
      remedy: `Name one of ${['postgres', ...users].join(', ')}, or add it to the roles of database-init.`,
    },
  ]
}
