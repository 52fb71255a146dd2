import { z } from 'zod'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { listClusterNodes } from './actions.ts'
import { nodeShape } from '../../contract/nodes.ts'
import { pageOf, pageQuery } from '../../contract/page.ts'

const query = pageQuery.extend({ removed: z.stringbool().default(false) })

export const nodeRoutes: Routes = application => async server => {
  server.get(
    '/clusters/:name/nodes',
    { schema: { params: clusterParams, querystring: query, response: { 200: pageOf(nodeShape), ...problems } } },
    request => listClusterNodes(application, request.params.name, request.query),
  )
}
