import { SlipwayError } from '../../domain/errors.ts'
import { machineSubject } from '../../domain/machine.ts'
import { openMachine } from '../../machines/workspaceOf.ts'
import { readMachine } from '../../store/machines.ts'
import { listRuns } from '../../store/runs.ts'
import type { Application } from '../application.ts'
import { isInterrupted } from '../runs/interrupted.ts'

/**
 * Takes a lock away from the Terraform state of a machine in its backend, whoever has it: somebody has to know that nobody
 * is at it any more.
 * @throws SlipwayError `lease-held` while a run of the machine is executed; `not-found` where its state is in no backend that
 *   could have a lock; `terraform-backend-unanswered`, also for a lock that is not this one.
 */
export async function unlockState(application: Application, name: string, lock: string, signal: AbortSignal) {
  const { store, machines } = application
  const { state_place: place } = await readMachine(store.database, name)
  const [run] = await listRuns(store.database, { subject: machineSubject(name), limit: 1 })
  if (run?.status === 'running' && !(await isInterrupted(application, run)))
    throw new SlipwayError('lease-held', `run ${run.id} is at machine ${name}: the lock may be its own`, {
      remedy: `Wait until it has ended, or end it: slipway cancel ${run.id}.`,
    })
  const session = machines.session(name)
  const backend = await session.backend()
  if (place === null || backend?.fingerprint !== place.backend)
    throw new SlipwayError(
      'not-found',
      place === null
        ? `the Terraform state of machine ${name} is in no backend, and has no lock`
        : `the Terraform state of machine ${name} is in ${place.title}, which is not the backend that the server is given`,
      { remedy: 'Name the backend that has it in SLIPWAY_TERRAFORM_BACKEND; slipway machine show tells where it is.' },
    )
  const { workspace } = place
  const around = { environment: session.environment, signal }
  await using opened = await openMachine(session, await session.wanted(), { backend, workspace }, around)
  await opened?.remote?.unlock(lock)
  return { backend: place.title, workspace }
}
