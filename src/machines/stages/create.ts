import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { machineName, machineSubject } from '../../domain/machine.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { AttemptContext, Change, Stage, Unmet } from '../../engine/contract/stage.ts'
import { readState } from '../../terraform/state.ts'
import { aboutMachine } from '../findings.ts'
import { leftoversIn, lookAtMachine, type MachineLook } from '../look.ts'
import { outputsOf } from '../outputs.ts'
import type { MachineSession, MachineSessionOf } from '../session.ts'
import { untilAnswers } from '../untilAnswers.ts'
import { applyPlan } from './applyPlan.ts'
import { leftoverChanges, terraformChanges } from './changes.ts'

/** ms from the moment that it was made until it lets its login in. */
const answerTime = 300_000
/** ms over all: images are fetched, and disks are copied. */
const timeout = 1_800_000

/** Makes a machine, or what is missing of it, and waits until it answers. */
export const createMachine = defineStage({
  kind: 'machine/create',
  arguments: z.strictObject({ machine: machineName }),
  stage: ({ machine }, sessionOf: MachineSessionOf): Stage<MachineLook> => {
    const session = sessionOf(machine)
    return {
      timeout,
      touches: [`machine/${machine}`],
      holds: [machineSubject(machine)],
      records: {
        started: [{ type: 'machine-status', machine, status: 'creating' }],
        completed: [{ type: 'machine-status', machine, status: 'active' }],
        failed: error => [{ type: 'machine-status', machine, status: 'failed', error: error.message }],
      },
      observe: context => lookAtMachine(session, 'apply', context),
      checkPrerequisites: look => unmetOf(look),
      shouldRun(look) {
        const changes = changesOf(look)
        return changes.length > 0
          ? { kind: 'run', reason: reasonOf(look), changes }
          : { kind: 'skip', reason: 'it is there, as it is wanted' }
      },
      execute: (context, look) => applyPlan(session, look, context),
      waitForReady: context => untilReady(session, context),
      letGo: async (_context, end) =>
        end === 'cancelled' ? [{ type: 'machine-status', machine, status: 'failed', error: 'cancelled' }] : [],
    }
  },
})

function unmetOf({ wanted, plan, leftovers }: MachineLook): Unmet[] {
  const { name, provider } = wanted
  const replaced = (plan?.changes ?? []).filter(({ action }) => action === 'replace' || action === 'delete')
  return [
    ...(replaced.length === 0
      ? []
      : [
          aboutMachine(
            name,
            'machine-replaced',
            'warning',
            `${replaced.map(({ address }) => address).join(', ')} would be destroyed: ${[
              ...new Set(
                replaced.flatMap(({ attributes }) => attributes.filter(one => one.replaces).map(one => one.name)),
              ),
            ].join(', ')} can’t be changed in place`,
            'Take the change back, or accept that its data is lost.',
          ),
        ]),
    ...(leftovers.asked
      ? []
      : [
          aboutMachine(
            name,
            'machine-unmarked',
            'warning',
            `an earlier run was interrupted, and what it has left at ${provider.name} can’t be asked: ${leftovers.reason}`,
            leftovers.remedy,
          ),
        ]),
  ]
}

function changesOf({ wanted, plan, leftovers }: MachineLook): readonly Change[] {
  const { name, status } = wanted
  const made = [...leftoverChanges(name, leftoversIn(leftovers)), ...terraformChanges(name, plan?.changes ?? [])]
  if (made.length > 0 || status === 'active') return made
  return [{ effect: 'update', target: `machine/${name}`, summary: 'wait until it answers, and take it on record' }]
}

const reasonOf = ({ wanted: { status }, plan }: MachineLook): string => {
  if (plan?.changes.some(({ action }) => action !== 'create')) return 'it is otherwise than it is wanted'
  return status === null || status === 'pending' ? 'it is not there' : 'it is not there as a whole'
}

async function untilReady(session: MachineSession, context: AttemptContext): Promise<void> {
  const { name, provider, spec } = await session.wanted()
  const text = await session.state()
  const told = text === null ? null : outputsOf(readState(text, `machine ${name}`))
  const addresses = provider.addresses?.(spec.settings) ?? told?.addresses ?? []
  const [address] = addresses
  if (address === undefined)
    throw new SlipwayError(
      'machine-unanswered',
      `machine ${name} was made, and ${provider.name} tells no address of it`,
      {
        facts: { machine: name },
      },
    )
  const holder = await session.holderOf(addresses)
  if (holder !== null)
    throw new SlipwayError(
      'machine-unanswered',
      `machine ${name} has the address ${address}, which ${holder} has on record`,
      {
        facts: { machine: name },
        remedy: 'See which of the two really has it, and take the other one away or off the record.',
      },
    )
  await context.record(`${name} is at ${addresses.join(', ')}`, [
    { type: 'machine-addresses', machine: name, addresses, internal: told?.internal ?? null },
  ])
  let last = 'nothing was seen of it'
  const limit = AbortSignal.timeout(answerTime)
  try {
    const hostname = await untilAnswers(await session.hosts(address), name, 'hostname', {
      signal: AbortSignal.any([context.signal, limit]),
      async seen(what) {
        last = what
        await context.progress(what)
      },
    })
    if (provider.module !== null && hostname.trim().split('.')[0] !== name)
      throw new SlipwayError('machine-unanswered', `at ${address} answers ${hostname.trim()}, not ${name}`, {
        facts: { machine: name },
        remedy: 'Another machine has this address: see which lease or which network is doubled.',
      })
  } catch (error) {
    if (!limit.aborted || context.signal.aborted) throw error
    throw new SlipwayError(
      'machine-unanswered',
      `machine ${name} does not let ${spec.ssh?.user ?? 'root'} in at ${address} after ${answerTime / 1000} s; seen last: ${last}`,
      { facts: { machine: name }, cause: error },
    )
  }
}
