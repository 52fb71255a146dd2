import { withClusterApi } from '../../../clusters/clusterApi.ts'
import type { PlatformFacts } from '../../../contract/platform.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import type { Decision, Stage, Unmet } from '../../../engine/contract/stage.ts'
import { looseResource } from '../../../kubernetes/looseObject.ts'
import { titleOf } from '../../../kubernetes/resource.ts'
import { namespaces, secrets } from '../../../kubernetes/resources.ts'
import { attempt, type Attempted, notFormed } from '../../attempt.ts'
import { ofOne } from '../../conditions.ts'
import type { WorkStage } from '../../contract.ts'
import { loginIn } from '../../databases/login.ts'
import { overDatabases } from '../../databases/reach.ts'
import { isForLater, notReached, untilOf } from '../../databases/standing.ts'
import { knownServer } from '../../databases/users.ts'
import { seenFaults } from '../../objects/seenFaults.ts'
import { sentObject } from '../../objects/seeObjects.ts'
import { ownLabels } from '../../ownLabels.ts'
import { untilMet } from '../../untilMet.ts'
import { secretChanges } from './changes.ts'
import { contentsOf } from './contents.ts'
import { lackOf, objectsOf, readContents, type SecretWish, type SeenSecret, seeSecret, wishesOf } from './look.ts'
import type { settings } from './schema.ts'

interface Observed {
  readonly formed: boolean
  readonly wishes: readonly SecretWish[]
  readonly users: readonly string[]
  readonly look: Attempted<readonly SeenSecret[]> | null
}

/** The Secrets that applications read: as their source is, complete or not at all. */
export const stage: WorkStage<typeof settings> = (subject, session): Stage<Observed, unknown, void> => {
  const { about, name, namespace, timeout } = subject
  const key = `platform/databases/${name}`
  const label = ownLabels(session)
  const wanted = async () => {
    const wish = await subject.read()
    const known = knownServer(wish.settings.connection, wish, namespace)
    return { known, wishes: wishesOf(wish.settings.secrets, known) }
  }
  const factsOf = ({ wishes, look }: Observed): PlatformFacts => {
    if (wishes.length === 0) return { state: 'ready' }
    if (!look?.value) return { state: look ? 'unknown' : 'absent' }
    return { state: secretChanges(look.value).length > 0 ? 'differs' : 'ready' }
  }

  return {
    timeout: timeout + 15_000,
    retry: overDatabases,
    touches: [key],
    async observe(context): Promise<Observed> {
      const { signal } = context
      const formed = (await session.secret('kubeconfig')) !== null
      const { known, wishes } = await wanted()
      const { users } = known
      if (!formed || wishes.length === 0) return { formed, wishes, users, look: null }
      const look = context.observations.read(key, () =>
        withClusterApi(session, signal, client =>
          Promise.all(wishes.map(wish => seeSecret(wish, known, client, session, { signal }))),
        ),
      )
      return { formed, wishes, users, look: await attempt(look, signal) }
    },
    checkPrerequisites({ formed, wishes, users, look }): Unmet[] {
      const unknown = wishes.flatMap(({ wanted: { name: secret, user }, source }): Unmet[] =>
        source
          ? []
          : [
              {
                name: 'database-user-unknown',
                severity: 'error',
                about,
                message: `Secret ${secret} is to hold the login of ${user}, of whom none is known`,
                remedy: `Name one of ${users.join(', ') || 'database-init'}, or the Secret that has it: secret.`,
              },
            ],
      )
      if (wishes.length === 0) return []
      if (!formed) return subject.afterStages.length > 0 ? unknown : [...unknown, notFormed(session.cluster)]
      if (look?.error) return [...unknown, notReached(look.error, about, subject)]
      return [...unknown, ...(look?.value ?? []).flatMap(({ seen }) => seenFaults(seen, label, about, subject.needs))]
    },
    shouldRun(observed): Decision {
      const facts = factsOf(observed)
      const { formed, wishes, look } = observed
      if (wishes.length === 0) return { kind: 'skip', reason: 'no Secret is set', facts }
      if (!look?.value) return isForLater(look?.error ?? null, formed, untilOf(subject, formed), facts)
      const changes = secretChanges(look.value)
      if (changes.length > 0)
        return { kind: 'run', reason: 'Secrets of applications are not as their sources', changes, facts }
      return { kind: 'skip', reason: 'all Secrets are as their sources', facts }
    },
    async execute(context, { look }) {
      const { signal } = context
      const { known, wishes } = await wanted()
      const end = performance.now() + timeout
      await withClusterApi(session, signal, async client => {
        for (const missing of new Set((look?.value ?? []).flatMap(({ seen }) => seen.missingNamespaces)))
          await client.apply(namespaces, { metadata: { name: missing, labels: label } }, { signal })
        for (const wish of wishes) {
          const { source, wanted: set } = wish
          if (!source) throw new TypeError('a stage with an unmet prerequisite does not run')
          const complete = ofOne(looseResource(secrets), source, object => {
            const contents = contentsOf(set, loginIn(secrets.shape.parse(object)), known.server)
            return contents.ok ? null : lackOf(contents.missing)
          })
          await untilMet(client, [complete], {
            signal,
            timeout: Math.max(1000, end - performance.now()),
            tell: message => void context.progress(message),
          })
          const { data, lack } = await readContents(wish, source, known, client, session, { signal })
          if (data === null)
            throw new SlipwayError('workload-not-ready', `${titleOf(secrets, source)}: ${lack}`, {
              facts: { passing: true },
            })
          for (const one of objectsOf(set, data))
            await client.apply(one.resource, sentObject(one, label), { signal, force: true })
        }
      })
    },
    async waitForReady() {
      // A Secret is there as soon as it is made.
    },
  }
}
