import {
  machineDetailShape,
  machineParams,
  machineShape,
  machineWishShape,
  startMachineShape,
} from '../../contract/machines.ts'
import { pageOf, pageQuery } from '../../contract/page.ts'
import { plannedShape } from '../../contract/plans.ts'
import { startedRunShape } from '../../contract/runs.ts'
import { requester, whileWanted } from '../http/requester.ts'
import { problems, type Routes } from '../http/routes.ts'
import { listShownMachines, planMachine, showMachine, startMachine } from './actions.ts'

export const machineRoutes: Routes = application => async server => {
  server.get(
    '/machines',
    { schema: { querystring: pageQuery, response: { 200: pageOf(machineShape), ...problems } } },
    request => listShownMachines(application, request.query),
  )

  server.get(
    '/machines/:machine',
    { schema: { params: machineParams, response: { 200: machineDetailShape, ...problems } } },
    request => showMachine(application, request.params.machine),
  )

  server.post(
    '/machines/:machine/plans',
    {
      schema: {
        description: 'What would be done to a machine; nothing is stored',
        params: machineParams,
        body: machineWishShape,
        response: { 200: plannedShape, ...problems },
      },
    },
    (request, reply) => planMachine(application, request.params.machine, request.body, whileWanted(reply)),
  )

  server.post(
    '/machines/:machine/runs',
    {
      schema: {
        description: 'Puts the machine on record and starts the run of its plan',
        params: machineParams,
        body: startMachineShape,
        response: { 200: startedRunShape, ...problems },
      },
    },
    (request, reply) =>
      startMachine(application, request.params.machine, request.body, requester(request), whileWanted(reply)),
  )
}
