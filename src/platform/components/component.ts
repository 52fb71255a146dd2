import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Stage } from '../../engine/contract/stage.ts'
import { catalogue } from '../catalogue/index.ts'
import { releaseStage } from '../charts/release.ts'
import type { ReleaseSubject } from '../charts/releaseSubject.ts'
import type { ChartComponent, Component, ObjectsComponent, WorkComponent, WorkStage, WorkSubject } from '../contract.ts'
import { type ObjectsSubject, objectsStage } from '../objects/objectsStage.ts'
import type { PlatformSession } from '../platformSession.ts'
import { readPlatform } from '../readPlatform.ts'
import type { PlatformSpec } from '../spec.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { detect } from './detect.ts'
import { type EnabledComponent, enabledComponents, ownSettings } from './enabled.ts'
import { whyUnusable } from './found.ts'
import { wantedComponentChart } from './wantedComponentChart.ts'
import { wantedObjects } from './wantedObjects.ts'
import { workStages } from './workStages.ts'

const componentArguments = z.strictObject({
  cluster: clusterName,
  component: z.string(),
  namespace: z.string(),
  /** ms */
  timeout: z.int(),
  /** Stages of this plan that bring the API where it does not answer now; the first is the one that is named. */
  afterStages: z.array(z.string()),
  /** Stages of the components that it needs. */
  needs: z.array(z.string()),
  min_version: z.string().optional(),
  /** Namespaces of what needs it. */
  served: z.array(z.string()),
})
type ComponentArguments = z.infer<typeof componentArguments>

/** A component of the catalogue. */
export const componentStage = defineStage({
  kind: 'platform/component',
  arguments: componentArguments,
  stage(given, { sessionOf, helm }: PlatformSurroundings): Stage<unknown, unknown, unknown> {
    const component = catalogue.find(({ name }) => name === given.component)
    if (!component) throw new SlipwayError('stage-unknown', `no component is called ${given.component}`)
    const session = sessionOf(given.cluster)
    switch (component.kind) {
      case 'chart':
        return releaseStage(releaseOf(component, given, session), session, helm)
      case 'objects':
        return objectsStage(objectsOf(component, given, session), session)
      case 'work':
        return workStageOf(component)(workOf(component, given, session), session)
    }
  },
})

/** What all kinds of stages are told of a component. Pure. */
const subjectOf = ({ name }: Component, { namespace, timeout, afterStages }: ComponentArguments) => ({
  about: `component ${name}`,
  name,
  namespace,
  timeout,
  afterStages,
})

function releaseOf(component: ChartComponent, given: ComponentArguments, session: PlatformSession): ReleaseSubject {
  const { marks } = component
  const { min_version, served } = given
  const subject = subjectOf(component, given)
  const { about, namespace } = subject
  return {
    ...subject,
    needs: given.needs,
    read: async (...at) => wantedComponentChart(await enabledIn(component, session), session, ...at),
    ...(component.ready && {
      conditions: async () => {
        const { enabled } = await enabledIn(component, session)
        const { image } = enabled
        return component.ready?.(ownSettings(enabled), { namespace, image, storageClass: null }) ?? []
      },
    }),
    ...(marks && {
      others: {
        definitions: marks.definitions,
        detect: (client, own, call) => detect(client, marks, own, served, call),
        check: found => whyUnusable(found, { about, minVersion: min_version, served }),
      },
    }),
  }
}

function objectsOf(component: ObjectsComponent, given: ComponentArguments, session: PlatformSession): ObjectsSubject {
  return {
    ...subjectOf(component, given),
    needs: given.needs,
    read: async (client, context) => {
      const { enabled, platform } = await enabledIn(component, session)
      return wantedObjects(enabled, platform, client, context)
    },
  }
}

function workStageOf({ name }: WorkComponent): WorkStage {
  const stage = workStages[name]
  if (stage) return stage
  throw new SlipwayError('stage-unknown', `component ${name} has no stage`)
}

function workOf(component: WorkComponent, given: ComponentArguments, session: PlatformSession): WorkSubject {
  return {
    ...subjectOf(component, given),
    needs: given.needs,
    async read() {
      const { enabled, platform } = await enabledIn(component, session)
      return {
        settings: ownSettings(enabled),
        other(wanted) {
          const found = enabledComponents(platform).find(one => one.component.name === wanted)
          return found ? { namespace: found.namespace, settings: ownSettings(found) } : null
        },
      }
    },
  }
}

/** @throws SlipwayError `not-found` when the cluster file wants it no more. */
async function enabledIn<Of extends Component>(
  component: Of,
  session: PlatformSession,
): Promise<{ readonly enabled: EnabledComponent<Of>; readonly platform: PlatformSpec }> {
  const platform = await readPlatform(session)
  const found = enabledComponents(platform).find(one => one.component.name === component.name)
  if (found) return { enabled: { ...found, component }, platform }
  throw new SlipwayError('not-found', `the cluster file wants no component ${component.name} any more`)
}
