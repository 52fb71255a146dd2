import { SlipwayError } from '../domain/errors.ts'
import type { StatePlace } from '../domain/machine.ts'
import type { Unmet } from '../engine/contract/stage.ts'
import type { StateBackend } from '../terraform/backend/stateBackend.ts'
import { brokenRemedy } from '../terraform/backend/remoteState.ts'
import { readState } from '../terraform/state.ts'
import { aboutMachine } from './findings.ts'
import type { WantedRecord } from './session.ts'
import type { Loss } from './standing.ts'

/** Its state is on record in a backend that is not the one which the server is given. */
export function elsewhere(
  { name }: WantedRecord,
  place: StatePlace,
  backend: StateBackend | null,
  copy: string | null,
): Unmet {
  const now = backend === null ? 'the server is given no backend' : `the server is given ${backend.title}`
  return aboutMachine(
    name,
    'machine-state-elsewhere',
    'warning',
    `its Terraform state is in ${place.title} (workspace ${place.workspace}), and ${now}; ${seenLast(name, copy)} would be taken instead`,
    `Name that backend again in SLIPWAY_TERRAFORM_BACKEND. Or accept it, where nobody else has changed the state there; its workspace there is yours to remove.`,
  )
}

const seenLast = (machine: string, copy: string | null): string =>
  copy === null
    ? 'nothing of it is on record, and nothing'
    : `what is on record of it, as it was seen last (serial ${readState(copy, `machine ${machine}`).serial}),`

const losses: Readonly<Record<Loss, string>> = {
  missing: 'is not there any more',
  older: 'is older than the one that was seen there last',
  other: 'is another one than the one that was seen there last: its lineage differs',
}

/**
 * What the backend has is not the state that it had.
 * @throws SlipwayError `terraform-state-unreadable` where what is there would have to be written over.
 */
export function strayed(
  { name, provider }: WantedRecord,
  { title }: StateBackend,
  how: Loss | SlipwayError,
  copy: string | null,
  direction: 'apply' | 'destroy',
): Unmet {
  const of = `machine ${name}`
  const reason = how instanceof SlipwayError ? how.message : `the Terraform state of ${of} in ${title} ${losses[how]}`
  if (direction === 'apply' && how !== 'missing' && how !== 'older')
    throw how instanceof SlipwayError
      ? how
      : new SlipwayError('terraform-state-unreadable', reason, { remedy: brokenRemedy(of) })
  const record = seenLast(name, copy)
  return direction === 'apply'
    ? aboutMachine(
        name,
        'machine-state-lost',
        'warning',
        `${reason}; ${record} would be put back there`,
        'Put the right one back there, from a version or a backup that the backend has. Or accept that the one on record is.',
      )
    : aboutMachine(
        name,
        'machine-state-lost',
        'warning',
        `${reason}; ${record} and ${provider.find ? 'what has its mark' : 'nothing else'} is taken away at ${provider.name}`,
        'Put the right one back there, from a version or a backup that the backend has. Or accept it, and look at its provider yourself.',
      )
}
