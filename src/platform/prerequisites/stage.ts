import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { enabledComponents } from '../components/enabled.ts'
import { objectsStage } from '../objects/objectsStage.ts'
import type { ObjectsWish } from '../objects/objectsWish.ts'
import type { PlatformSession } from '../platformSession.ts'
import { readPlatform } from '../readPlatform.ts'
import type { PlatformSpec } from '../spec.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { serviceAccounts } from './accounts.ts'
import { namespacesToMake, prerequisiteObjects } from './objects.ts'
import { readPullSecret } from './pullSecret.ts'

const prerequisitesArguments = z.strictObject({ cluster: clusterName, afterStages: z.array(z.string()) })

/** Namespaces and logins, before anything that needs them. */
export const prerequisitesStage = defineStage({
  kind: 'platform/prerequisites',
  arguments: prerequisitesArguments,
  stage({ cluster, afterStages }, { sessionOf }: PlatformSurroundings) {
    const session = sessionOf(cluster)
    const about = 'the prerequisites of the platform'
    const name = 'prerequisites'
    return objectsStage(
      {
        about,
        name,
        namespace: null,
        timeout: 60_000,
        afterStages,
        needs: [],
        read: (client, context) => wanted(session, client, context),
      },
      session,
    )
  },
})

/** Whether a platform needs anything to be made before its components and charts. Pure. */
export const hasPrerequisites = (platform: PlatformSpec): boolean =>
  namespacesOf(platform).length > 0 || platform.namespaces !== undefined

/** Charts make their own, unless something is to be there before them. */
const namespacesOf = (platform: PlatformSpec): string[] => [
  ...enabledComponents(platform).map(({ namespace }) => namespace),
  ...(platform.image_pull_secret === undefined
    ? []
    : (platform.charts ?? []).map(({ name, namespace = name }) => namespace)),
]

async function wanted(session: PlatformSession, client: ClusterClient, call: Call): Promise<ObjectsWish> {
  const platform = await readPlatform(session)
  const all = namespacesToMake(namespacesOf(platform), platform)
  const contents = await pullSecret(platform, session)
  const logins = contents === null ? null : { pullSecret: contents, accounts: await accountsIn(all, client, call) }
  return { objects: prerequisiteObjects(all, platform, logins), ready: [], unmet: [], facts: {}, stored: null }
}

async function accountsIn(
  all: readonly string[],
  client: Pick<ClusterClient, 'snapshot'>,
  call: Call,
): Promise<LooseObject[]> {
  const found = all.map(async namespace => (await client.snapshot(serviceAccounts, { namespace }, call)).items)
  return (await Promise.all(found)).flat().filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

async function pullSecret({ image_pull_secret: file }: PlatformSpec, session: PlatformSession): Promise<string | null> {
  if (file === undefined) return null
  const reading = readPullSecret(await session.openFile(file))
  if (reading.ok) return reading.value
  throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`)
}
