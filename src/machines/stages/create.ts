import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { machineName, machineSubject } from '../../domain/machine.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { AttemptContext, Change, Stage, Unmet } from '../../engine/contract/stage.ts'
import type { TerraformChange } from '../../terraform/changes.ts'
import { aboutMachine, hindrance } from '../findings.ts'
import { hasLostState, leftoversIn, lookAtMachine, type MachineLook, recordLeft } from '../look.ts'
import { untilLocated } from '../untilLocated.ts'
import type { MachineSession, MachineSessionOf, MachineUse } from '../session.ts'
import { nameAfterFirstBoot, untilAnswers } from '../untilAnswers.ts'
import { keyChanged, type Silence, silenceOf, wakening } from '../silence.ts'
import { applyPlan } from './applyPlan.ts'
import { leftoverChanges, madeWith, stateChanges, terraformChanges } from './changes.ts'
import { memberFindings } from './ofMember.ts'

interface CreateLook extends MachineLook {
  readonly use: MachineUse | null
  /** Why it is not there, though all of it was made; null: it is, or nobody has asked. */
  readonly silent: Silence | null
}

/** s from the moment that it was made until it lets its login in, where its settings say nothing. */
const usualReadyTimeout = 300
/** ms over all: images are fetched, and disks are copied; and then the longest time in which it may become ready. */
const timeout = 3_000_000

/** Makes a machine, or what is missing of it, and waits until it answers. */
export const createMachine = defineStage({
  kind: 'machine/create',
  arguments: z.strictObject({
    machine: machineName,
    /** It is asked as well whether it is there. Of a node the stages of its cluster ask, and may do without it. */
    asked: z.literal(true).optional(),
  }),
  stage: ({ machine, asked }, sessionOf: MachineSessionOf): Stage<CreateLook> => {
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
      async observe(context) {
        const [look, use] = await Promise.all([lookAtMachine(session, 'apply', context), session.use()])
        const isMade = look.wanted.status === 'active' && changesOf(look).length === 0
        return { ...look, use, silent: asked && isMade ? await silenceOf(session, context.signal) : null }
      },
      checkPrerequisites: look => unmetOf(look),
      shouldRun(look) {
        const changes = [...changesOf(look), ...(look.silent ? [wakening(machine, look.silent)] : [])]
        return changes.length > 0
          ? { kind: 'run', reason: reasonOf(look), changes, facts: madeWith(look.plan?.changes ?? []) }
          : { kind: 'skip', reason: 'it is there, as it is wanted' }
      },
      async execute(context, look) {
        if (look.silent?.key)
          await context.record('its host key is forgotten, since it was installed anew', [
            { type: 'machine-made-anew', machine },
          ])
        await applyPlan(session, look, 'apply', context)
      },
      waitForReady: context => untilReady(session, context),
      letGo: async (_context, end) =>
        end === 'cancelled' ? [{ type: 'machine-status', machine, status: 'failed', error: 'cancelled' }] : [],
    }
  },
})

function unmetOf(look: CreateLook): Unmet[] {
  const { wanted, use, plan, leftovers, hindrances, strayed } = look
  const { name, provider, answered } = wanted
  // Of one that nobody has ever been on nothing is lost.
  const changes = answered ? (plan?.changes ?? []) : []
  const replaced = changes.filter(({ action }) => action === 'replace' || action === 'delete')
  const isLost = hasLostState(look)
  const ofMember = memberFindings(wanted, changes, use, isLost)
  return [
    ...hindrances.map(fault => hindrance(name, fault)),
    ...(strayed === null ? [] : [strayed]),
    ...(look.silent?.key ? [keyChanged(name, look.silent)] : []),
    ...ofMember,
    ...(isLost && ofMember.length === 0 ? [lostState(wanted)] : []),
    ...(replaced.length === 0 || ofMember.length > 0
      ? []
      : [
          aboutMachine(
            name,
            'machine-replaced',
            'warning',
            replacedText(replaced),
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

const lostState = ({ name, provider }: MachineLook['wanted']): Unmet =>
  aboutMachine(
    name,
    'machine-state-lost',
    'warning',
    `it has answered, and there is no Terraform state of it any more: ${provider.find ? `what has its mark at ${provider.name} would be destroyed, and it would be made anew` : `another one would be made beside what ${provider.name} has`}`,
    'Restore the database from a backup; or accept it, and look there yourself.',
  )

/** `a, b would be destroyed: memory, image can’t be changed in place` */
function replacedText(replaced: readonly TerraformChange[]): string {
  const needing = replaced.flatMap(({ attributes }) => attributes.filter(one => one.replaces).map(one => one.name))
  const why = needing.length === 0 ? '' : `: ${[...new Set(needing)].join(', ')} can’t be changed in place`
  return `${replaced.map(({ address }) => address).join(', ')} would be destroyed${why}`
}

function changesOf({ wanted, plan, leftovers, way }: MachineLook): readonly Change[] {
  const { name, status } = wanted
  const made = [
    ...stateChanges(name, way),
    ...leftoverChanges(name, leftoversIn(leftovers)),
    ...terraformChanges(wanted, plan?.changes ?? []),
  ]
  if (made.length > 0 || status === 'active') return made
  const summary = 'wait until it answers, and take it on record'
  // What an interrupted run had made to its end without saying so is not more than was approved.
  return [{ effect: 'update', target: `machine/${name}`, summary, unasked: true }]
}

const reasonOf = ({ wanted: { status }, plan, way, silent }: CreateLook): string => {
  if (silent) return 'it does not answer as itself'
  if (status === 'active' && plan?.changes.length === 0 && way.kind === 'backend') return 'its state is to be elsewhere'
  if (plan?.changes.some(({ action }) => action !== 'create')) return 'it is otherwise than it is wanted'
  return status === null || status === 'pending' ? 'it is not there' : 'it is not there as a whole'
}

async function untilReady(session: MachineSession, context: AttemptContext): Promise<void> {
  await recordLeft(session, context)
  const { name, provider, spec } = await session.wanted()
  if (provider.shared) return
  const patience = spec.ready_timeout_s ?? usualReadyTimeout
  const limit = AbortSignal.timeout(patience * 1000)
  const { addresses, internal } = await untilLocated(session, context, limit)
  const [address = ''] = addresses
  const holder = await session.holderOf(addresses)
  const taken = () =>
    new SlipwayError(
      'machine-unanswered',
      `machine ${name} has the address ${address}, which ${holder?.what} has on record`,
      {
        facts: { machine: name },
        remedy: 'See which of the two really has it, and take the other one away or off the record.',
      },
    )
  const record = () =>
    context.record(`${name} is at ${addresses.join(', ')}`, [
      { type: 'machine-addresses', machine: name, addresses, internal },
    ])
  // A lease may have been another machine's before: of one that was made, who answers there tells whose it is now.
  if (holder !== null && (provider.module === null || holder.kind === 'node')) throw taken()
  if (holder === null) await record()
  let last = 'nothing was seen of it'
  try {
    const asked = provider.module === null ? 'hostname' : nameAfterFirstBoot
    const hostname = await untilAnswers(await session.hosts(address), name, asked, {
      signal: AbortSignal.any([context.signal, limit]),
      async seen(what) {
        last = what
        await context.progress(what)
      },
    })
    if (provider.module !== null && hostname.trim().split('.')[0] !== name) {
      if (holder !== null) throw taken()
      throw new SlipwayError('machine-unanswered', `at ${address} answers ${hostname.trim()}, not ${name}`, {
        facts: { machine: name },
        remedy: 'Another machine has this address: see which lease or which network is doubled.',
      })
    }
    if (holder !== null) await record()
  } catch (error) {
    if (!limit.aborted || context.signal.aborted) throw error
    throw new SlipwayError(
      'machine-unanswered',
      `machine ${name} does not let ${spec.ssh?.user ?? 'root'} in at ${address} after ${patience} s; seen last: ${last}`,
      { facts: { machine: name }, cause: error },
    )
  }
}
