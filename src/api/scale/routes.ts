import { scaleAddShape, scaleRemoveShape, scaleShape } from '../../contract/scale.ts'
import { plannedShape } from '../../contract/plans.ts'
import { whileWanted } from '../http/requester.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { planCluster } from '../plans/actions.ts'
import { showScale } from './actions.ts'

/** The plans are those of POST /plans; what is approved of them is started by POST /clusters/:name/runs. */
export const scaleRoutes: Routes = application => async server => {
  server.get(
    '/clusters/:name/scale',
    { schema: { params: clusterParams, response: { 200: scaleShape, ...problems } } },
    request => showScale(application, request.params.name),
  )

  server.post(
    '/clusters/:name/scale/add',
    {
      schema: {
        description: 'Plans the cluster with these nodes as well, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: scaleAddShape,
        response: { 200: plannedShape, ...problems },
      },
    },
    (request, reply) => {
      const { accept, ...add } = request.body
      const operation = { operation: 'scale-add', ...add } as const
      return planCluster(application, { cluster: request.params.name, operation, accept }, whileWanted(reply))
    },
  )

  server.post(
    '/clusters/:name/scale/remove',
    {
      schema: {
        description: 'Plans the cluster without these nodes, as POST /plans does; nothing is stored',
        params: clusterParams,
        body: scaleRemoveShape,
        response: { 200: plannedShape, ...problems },
      },
    },
    (request, reply) => {
      const { accept, ...remove } = request.body
      const operation = { operation: 'scale-remove', ...remove } as const
      return planCluster(application, { cluster: request.params.name, operation, accept }, whileWanted(reply))
    },
  )
}
