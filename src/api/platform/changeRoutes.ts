import type { OperationRequest } from '../../contract/operations.ts'
import { platformDisableShape, platformRollbackShape, platformUpgradeShape } from '../../contract/platform.ts'
import { plannedShape, type PlanRequest } from '../../contract/plans.ts'
import { whileWanted } from '../http/requester.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { planCluster } from '../plans/actions.ts'

const response = { 200: plannedShape, ...problems }

/** The plans are those of POST /plans; what is approved of them is started by POST /clusters/:name/runs. */
export const platformChangeRoutes: Routes = application => async server => {
  const plan = (
    cluster: string,
    accept: PlanRequest['accept'],
    operation: OperationRequest,
    reply: Parameters<typeof whileWanted>[0],
  ) => planCluster(application, { cluster, operation, accept }, whileWanted(reply))

  server.post(
    '/clusters/:name/platform/upgrade',
    {
      schema: {
        description: 'Plans another version of a component or chart, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: platformUpgradeShape,
        response,
      },
    },
    (request, reply) => {
      const { accept, ...upgrade } = request.body
      return plan(request.params.name, accept, { operation: 'platform-upgrade', ...upgrade }, reply)
    },
  )

  server.post(
    '/clusters/:name/platform/rollback',
    {
      schema: {
        description: 'Plans that a component or chart becomes what it was, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: platformRollbackShape,
        response,
      },
    },
    (request, reply) => {
      const { accept, ...rollback } = request.body
      return plan(request.params.name, accept, { operation: 'platform-rollback', ...rollback }, reply)
    },
  )

  server.post(
    '/clusters/:name/platform/disable',
    {
      schema: {
        description: 'Plans the platform without these components and charts, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: platformDisableShape,
        response,
      },
    },
    (request, reply) => {
      const { accept, ...disable } = request.body
      return plan(request.params.name, accept, { operation: 'platform-disable', ...disable }, reply)
    },
  )
}
