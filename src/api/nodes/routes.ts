import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { listClusterNodes } from './actions.ts'
import { nodeShape, nodesQuery } from '../../contract/nodes.ts'
import { pageOf } from '../../contract/page.ts'

export const nodeRoutes: Routes = application => async server => {
  server.get(
    '/clusters/:name/nodes',
    { schema: { params: clusterParams, querystring: nodesQuery, response: { 200: pageOf(nodeShape), ...problems } } },
    request => listClusterNodes(application, request.params.name, request.query),
  )
}
