import { z } from 'zod'
import { whileWanted } from '../http/requester.ts'
import { problems, type Routes } from '../http/routes.ts'
import { planCluster } from './actions.ts'
import { plannedShape, planRequestShape } from '../../contract/plans.ts'
import { planShape } from '../../contract/plan.ts'

const hashParams = z.object({ hash: z.string().regex(/^[0-9a-f]{8,64}$/, 'not a plan hash') })

export const planRoutes: Routes = application => async server => {
  server.post(
    '/plans',
    { schema: { body: planRequestShape, response: { 200: plannedShape, ...problems } } },
    (request, reply) => planCluster(application, request.body, whileWanted(reply)),
  )

  server.get('/plans/:hash', { schema: { params: hashParams, response: { 200: planShape, ...problems } } }, request =>
    application.store.records.findPlan(request.params.hash),
  )
}
