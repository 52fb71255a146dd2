import { join } from 'node:path'
import type { MachineCheck } from '../contract/machines.ts'
import type { Finding } from '../domain/errors.ts'
import type { FindingName } from '../domain/findingCatalogue.ts'
import { shellWord } from '../domain/placeholders.ts'
import type { Difference } from '../machines/fragments/folder.ts'

/** What was found of machines, and what is done about it where that is wanted. */
export interface Found {
  /** Null: it is about no machine in particular. */
  readonly machine: string | null
  readonly finding: Finding
  /** Null: only people can do something about it. */
  readonly repair: Repair | null
}

export type Repair =
  | { readonly kind: 'inventory'; readonly line: string }
  | {
      readonly kind: 'run'
      readonly line: string
      readonly machine: string
      readonly run: string
      readonly resume: boolean
    }
  | { readonly kind: 'remains'; readonly line: string; readonly machine: string }

const found = (
  machine: string | null,
  name: FindingName,
  about: string,
  message: string,
  remedy: string,
  repair: Repair | null = null,
): Found => ({ machine, finding: { name, severity: 'warning', about, message, remedy }, repair })

/** What record and providers tell. Pure. */
export const foundOnRecord = ({
  unattended,
  unanswered,
  states,
  remains,
  unasked,
  workspaces,
  backend_unasked: backend,
}: MachineCheck): readonly Found[] => [
  ...unattended.map(unattendedMachine),
  ...unanswered.map(({ machine, address, reason, remedy }) =>
    found(machine, 'machine-silent', `machine ${machine}`, `it does not answer at ${address}: ${reason}`, remedy),
  ),
  ...states.map(({ machine, resources }) =>
    found(
      machine,
      'machine-state-orphaned',
      `machine ${machine}`,
      `it is not on record, and there is a Terraform state of it ${resources === null ? 'that cannot be read' : resources.length === 0 ? 'with nothing in it' : `with ${resources.join(', ')}`}`,
      `Put it back on record with the settings that it had (slipway machine create ${machine} …: its plan shows what differs), then destroy it.`,
    ),
  ),
  ...remains.map(remainsOf),
  ...unasked.map(({ provider, reason, remedy }) =>
    found(null, 'provider-unasked', `provider ${provider}`, `what it has can’t be asked: ${reason}`, remedy),
  ),
  ...workspaces.map(({ backend: place, workspace }) =>
    found(
      null,
      'machine-workspace-orphaned',
      `workspace ${workspace}`,
      `${place} has it, and its machine is not on record`,
      `See what is in it (tofu state list, with TF_WORKSPACE=${workspace} and the file of the backend); when nothing of that is left, remove it: tofu workspace delete ${workspace}.`,
    ),
  ),
  ...(backend === null
    ? []
    : [
        found(
          null,
          'provider-unasked',
          'backend for Terraform states',
          `what it has can’t be asked: ${backend.reason}`,
          backend.remedy,
        ),
      ]),
]

function unattendedMachine({ machine, status, run }: MachineCheck['unattended'][number]): Found {
  const about = `machine ${machine}`
  const is = `it is ${status} on record, and nobody is at it`
  const again = `slipway machine create ${machine}, or slipway machine destroy ${machine}`
  if (run === null || run.status === 'completed' || run.status === 'superseded')
    return found(machine, 'machine-unattended', about, is, `Type ${again}.`)
  if (run.status === 'awaiting_approval')
    return found(
      machine,
      'machine-unattended',
      about,
      `${is}: run ${run.id} waits for an approval`,
      `Look at it and approve it: slipway approve ${run.id} ${run.pending_hash ?? ''}.`,
    )
  const isOver = run.status === 'failed' || run.status === 'cancelled'
  const how = isOver
    ? `run ${run.id} ${run.status === 'failed' ? 'has failed' : 'was cancelled'}`
    : `run ${run.id} was interrupted`
  const line = `go on with run ${run.id} of machine ${machine}`
  return found(
    machine,
    'machine-unattended',
    about,
    `${is}: ${how}`,
    `Go on with it: slipway resume ${run.id}. Or end it: slipway cancel ${run.id}, and ${again}.`,
    {
      kind: 'run',
      line,
      machine,
      run: run.id,
      resume: isOver,
    },
  )
}

function remainsOf({ provider, uid, what, machine, on_record: isOnRecord }: MachineCheck['remains'][number]): Found {
  const has = `${provider} has ${what}, which no state knows`
  if (machine === null)
    return found(
      null,
      'provider-unknown',
      what,
      `${has}; its mark ${uid} is of no machine that this database ever had: it may be another Slipway’s`,
      'Ask whose it is; it is left alone here. If it is nobody’s, destroy it at its provider.',
    )
  if (isOnRecord)
    return found(
      machine,
      'provider-remains',
      `machine ${machine}`,
      has,
      `The next run takes it away: slipway machine create ${machine}, or slipway machine destroy ${machine}.`,
    )
  const line = `take machine ${machine} back on record, and destroy what ${provider} has of it: ${what}`
  const remedy = `Have it destroyed: slipway machine check ${machine} --repair.`
  return found(machine, 'provider-remains', `machine ${machine}`, `it is not on record, and ${has}`, remedy, {
    kind: 'remains',
    line,
    machine,
  })
}

const words = {
  orphaned: ['fragment-orphaned', 'is the fragment of a machine that is not on record', 'remove'],
  missing: ['fragment-missing', 'is not there: the machine is in no inventory', 'write'],
  outdated: ['fragment-outdated', 'is otherwise than the machine is on record', 'write anew'],
  merged: ['inventory-outdated', 'is not what its fragments and the record make together', 'write anew'],
  'known-hosts': ['inventory-outdated', 'does not hold the host keys that are pinned', 'write anew'],
} as const satisfies Record<Difference['kind'], readonly [FindingName, string, string]>

/** What a folder of inventories tells. Pure. @param folder as it was typed. */
export const foundInFolder = (
  folder: string,
  differing: readonly Difference[],
  taken: readonly string[],
): readonly Found[] => [
  ...taken.map(file =>
    found(
      null,
      'inventory-taken',
      file,
      'Slipway has not written it, and would not replace it',
      `Move it away: mv ${shellWord(file)} ${shellWord(`${file}.before`)}.`,
    ),
  ),
  ...differing.map(({ kind, file, machine }) => {
    const [name, is, how] = words[kind]
    const path = join(folder, file)
    const repair: Repair = { kind: 'inventory', line: `${how} ${path}` }
    return found(
      machine,
      name,
      path,
      `it ${is}`,
      `Write it: slipway machine inventory --write ${shellWord(folder)}.`,
      taken.length > 0 ? null : repair,
    )
  }),
]
