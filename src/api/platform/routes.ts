import { z } from 'zod'
import { componentsAnswer, lastRunShape, platformPlanShape, platformStatusShape } from '../../contract/platform.ts'
import { plannedShape } from '../../contract/plans.ts'
import { clusterName } from '../../domain/names.ts'
import { catalogueFaults } from '../../platform/catalogue/index.ts'
import { describedComponents } from '../../platform/described.ts'
import { whileWanted } from '../http/requester.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { planCluster } from '../plans/actions.ts'
import { lastRunOfPart } from './lastRun.ts'
import { platformStatus } from './status.ts'

const partParams = clusterParams.extend({ component: clusterName })

/** What is approved of the plans is started by POST /clusters/:name/runs. */
export const platformRoutes: Routes = application => async server => {
  server.get('/platform/components', { schema: { response: { 200: componentsAnswer, ...problems } } }, () => ({
    items: describedComponents(),
    faults: catalogueFaults,
  }))

  server.get(
    '/clusters/:name/platform',
    { schema: { params: clusterParams, response: { 200: platformStatusShape, ...problems } } },
    (request, reply) => platformStatus(application, request.params.name, whileWanted(reply)),
  )

  server.get(
    '/clusters/:name/platform/:component/last-run',
    {
      schema: {
        description: 'The last run that has touched a component or chart, or is to; null: none has',
        params: partParams,
        response: { 200: z.object({ last_run: lastRunShape }), ...problems },
      },
    },
    async request => ({ last_run: await lastRunOfPart(application, request.params.name, request.params.component) }),
  )

  server.post(
    '/clusters/:name/platform/plan',
    {
      schema: {
        description: 'Plans the platform as it is desired, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: platformPlanShape,
        response: { 200: plannedShape, ...problems },
      },
    },
    (request, reply) => {
      const { accept, ...platform } = request.body
      const operation = { operation: 'platform-apply', ...platform } as const
      return planCluster(application, { cluster: request.params.name, operation, accept }, whileWanted(reply))
    },
  )
}
