import { requester, whileWanted } from '../http/requester.ts'
import { clusterParams, problems, type Routes, runParams } from '../http/routes.ts'
import { approvePausedRun, cancelOpenRun, listClusterRuns, resumeEndedRun, showRun, startRun } from './actions.ts'
import { findInterrupted } from './interrupted.ts'
import {
  approveRunShape,
  interruptedQueryShape,
  interruptedShape,
  resumeRunShape,
  runDetailShape,
  runShape,
  startedRunShape,
  startRunShape,
} from '../../contract/runs.ts'
import { pageOf, pageQuery } from '../../contract/page.ts'

export const runRoutes: Routes = application => async server => {
  server.get(
    '/clusters/:name/runs',
    { schema: { params: clusterParams, querystring: pageQuery, response: { 200: pageOf(runShape), ...problems } } },
    request => listClusterRuns(application, request.params.name, request.query),
  )

  server.post(
    '/clusters/:name/runs',
    { schema: { params: clusterParams, body: startRunShape, response: { 200: startedRunShape, ...problems } } },
    (request, reply) =>
      startRun(application, request.params.name, request.body, requester(request), whileWanted(reply)),
  )

  server.post(
    '/clusters/:name/interrupted',
    {
      schema: {
        description: 'Whether a run of the cluster was begun that nobody executes, and does what the file asks for',
        params: clusterParams,
        body: interruptedQueryShape,
        response: { 200: interruptedShape, ...problems },
      },
    },
    request => findInterrupted(application, request.params.name, request.body),
  )

  server.get('/runs/:id', { schema: { params: runParams, response: { 200: runDetailShape, ...problems } } }, request =>
    showRun(application, request.params.id),
  )

  server.post(
    '/runs/:id/resume',
    { schema: { params: runParams, body: resumeRunShape, response: { 200: runDetailShape, ...problems } } },
    async request => {
      const { id } = request.params
      await resumeEndedRun(application, id, { ...request.body, by: requester(request) })
      return showRun(application, id)
    },
  )

  server.post(
    '/runs/:id/cancel',
    { schema: { params: runParams, response: { 200: runDetailShape, ...problems } } },
    async request => {
      await cancelOpenRun(application, request.params.id, requester(request))
      return showRun(application, request.params.id)
    },
  )

  server.post(
    '/runs/:id/approve',
    { schema: { params: runParams, body: approveRunShape, response: { 200: runDetailShape, ...problems } } },
    async request => {
      const { id } = request.params
      await approvePausedRun(application, id, request.body.hash, requester(request))
      return showRun(application, id)
    },
  )
}
