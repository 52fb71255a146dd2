import { discoveredShape, discoverShape } from '../../contract/discovery.ts'
import { whileWanted } from '../http/requester.ts'
import { problems, type Routes } from '../http/routes.ts'
import { discoverCluster } from './actions.ts'

export const discoveryRoutes: Routes = application => async server => {
  server.post(
    '/clusters/discover',
    { schema: { body: discoverShape, response: { 200: discoveredShape, ...problems } } },
    (request, reply) => discoverCluster(application, request.body, whileWanted(reply)),
  )
}
