import { z } from 'zod'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { whileWanted } from '../http/requester.ts'
import { listClusterSummaries, readKubeconfig, showCluster } from './actions.ts'
import { clusterDetailShape, clusterSummaryShape } from '../../contract/clusters.ts'
import { driftShape } from '../../contract/drift.ts'
import { clusterDrift } from './drift.ts'
import { clusterSnapshots } from './snapshots.ts'
import { snapshotReportShape } from '../../contract/snapshots.ts'
import { pageOf, pageQuery } from '../../contract/page.ts'

export const clusterRoutes: Routes = application => async server => {
  server.get(
    '/clusters',
    { schema: { querystring: pageQuery, response: { 200: pageOf(clusterSummaryShape), ...problems } } },
    request => listClusterSummaries(application, request.query),
  )

  server.get(
    '/clusters/:name',
    { schema: { params: clusterParams, response: { 200: clusterDetailShape, ...problems } } },
    request => showCluster(application, request.params.name),
  )

  server.get(
    '/clusters/:name/drift',
    { schema: { params: clusterParams, response: { 200: driftShape, ...problems } } },
    (request, reply) => clusterDrift(application, request.params.name, whileWanted(reply)),
  )

  server.get(
    '/clusters/:name/snapshots',
    { schema: { params: clusterParams, response: { 200: snapshotReportShape, ...problems } } },
    (request, reply) => clusterSnapshots(application, request.params.name, whileWanted(reply)),
  )

  server.get(
    '/clusters/:name/kubeconfig',
    {
      schema: {
        params: clusterParams,
        response: { 200: { content: { 'application/yaml': { schema: z.string() } } }, ...problems },
      },
    },
    async (request, reply) =>
      reply.type('application/yaml').send(await readKubeconfig(application, request.params.name)),
  )
}
