import {
  machineCheckShape,
  machineDetailShape,
  machineParams,
  machineShape,
  machineWishShape,
  startMachineShape,
  unlockedShape,
  unlockShape,
} from '../../contract/machines.ts'
import { pageOf, pageQuery } from '../../contract/page.ts'
import { plannedShape } from '../../contract/plans.ts'
import { runShape, startedRunShape } from '../../contract/runs.ts'
import { requester, whileWanted } from '../http/requester.ts'
import { problems, type Routes } from '../http/routes.ts'
import { adoptRemains, checkMachines } from './check.ts'
import { unlockState } from './unlock.ts'
import { listMachineRuns, listShownMachines, planMachine, showMachine, startMachine } from './actions.ts'

export const machineRoutes: Routes = application => async server => {
  server.get(
    '/machines',
    { schema: { querystring: pageQuery, response: { 200: pageOf(machineShape), ...problems } } },
    request => listShownMachines(application, request.query),
  )

  server.get(
    '/checks/machines',
    {
      schema: {
        description: 'What is not as it should be, as far as the record and the providers tell',
        response: { 200: machineCheckShape, ...problems },
      },
    },
    (_request, reply) => checkMachines(application, whileWanted(reply)),
  )

  server.post(
    '/machines/:machine/remains',
    {
      schema: {
        description: 'Takes a machine that is off the record, and of which a provider has something, back on record',
        params: machineParams,
        response: { 200: machineDetailShape, ...problems },
      },
    },
    async (request, reply) => {
      const { machine } = request.params
      await adoptRemains(application, machine, whileWanted(reply))
      return showMachine(application, machine)
    },
  )

  server.post(
    '/machines/:machine/unlock',
    {
      schema: {
        description: 'Takes a lock away from the Terraform state of a machine in its backend, whoever has it',
        params: machineParams,
        body: unlockShape,
        response: { 200: unlockedShape, ...problems },
      },
    },
    (request, reply) => unlockState(application, request.params.machine, request.body.lock, whileWanted(reply)),
  )

  server.get(
    '/machines/:machine',
    { schema: { params: machineParams, response: { 200: machineDetailShape, ...problems } } },
    request => showMachine(application, request.params.machine),
  )

  server.get(
    '/machines/:machine/runs',
    {
      schema: {
        description: 'Also of a machine that is off the record',
        params: machineParams,
        querystring: pageQuery,
        response: { 200: pageOf(runShape), ...problems },
      },
    },
    request => listMachineRuns(application, request.params.machine, request.query),
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
