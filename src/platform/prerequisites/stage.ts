import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import { enabledComponents } from '../components/enabled.ts'
import { objectsStage } from '../objects/objectsStage.ts'
import type { ObjectsWish } from '../objects/objectsWish.ts'
import type { PlatformSession } from '../platformSession.ts'
import { readPlatform } from '../readPlatform.ts'
import type { PlatformSpec } from '../spec.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { prerequisiteObjects } from './objects.ts'
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
      { about, name, namespace: null, timeout: 60_000, afterStages, needs: [], read: () => wanted(session) },
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

async function wanted(session: PlatformSession): Promise<ObjectsWish> {
  const platform = await readPlatform(session)
  const objects = prerequisiteObjects(namespacesOf(platform), platform, await pullSecret(platform, session))
  return { objects, ready: [], unmet: [], facts: {}, stored: null }
}

async function pullSecret({ image_pull_secret: file }: PlatformSpec, session: PlatformSession): Promise<string | null> {
  if (file === undefined) return null
  const reading = readPullSecret(await session.openFile(file))
  if (reading.ok) return reading.value
  throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`)
}
