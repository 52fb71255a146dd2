import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { machineName, machineSubject } from '../../domain/machine.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import { clusterName } from '../../domain/names.ts'
import type { Change, Stage, Unmet } from '../../engine/contract/stage.ts'
import { aboutMachine } from '../findings.ts'
import { hasLostState, leftoversIn, lookAtMachine, type MachineLook } from '../look.ts'
import type { MachineSessionOf, MachineUse } from '../session.ts'
import { applyPlan } from './applyPlan.ts'
import { leftoverChanges, stateRemoval, terraformChanges } from './changes.ts'

/** ms: a disk is wiped, and others wait for their turn. */
const timeout = 1_200_000

interface DestroyLook extends MachineLook {
  readonly use: MachineUse | null
}

/** Takes a machine away, with whatever is left of it, and off the record. */
export const destroyMachine = defineStage({
  kind: 'machine/destroy',
  arguments: z.strictObject({
    machine: machineName,
    /** Stages of the same run that take it out of its cluster. */
    after: z.array(z.string()).optional(),
    /** The cluster whose end the run is: with that the machine is nobody's. */
    uninstalled: clusterName.optional(),
  }),
  stage: ({ machine, after = [], uninstalled }, sessionOf: MachineSessionOf): Stage<DestroyLook> => {
    const session = sessionOf(machine)
    return {
      timeout,
      touches: [`machine/${machine}`],
      holds: [machineSubject(machine)],
      records: {
        started: [{ type: 'machine-status', machine, status: 'destroying' }],
        failed: error => [{ type: 'machine-status', machine, status: 'failed', error: error.message }],
        runCompleted: [{ type: 'machine-removed', machine }],
      },
      async observe(context) {
        const [look, use] = await Promise.all([lookAtMachine(session, 'destroy', context), session.use()])
        // Its first server is on record to the last.
        return { ...look, use: use?.cluster === uninstalled ? null : use }
      },
      checkPrerequisites: look => unmetOf(look, after),
      shouldRun: look => ({ kind: 'run', reason: 'it is to go', changes: changesOf(look) }),
      execute: (context, look) => applyPlan(session, look, 'destroy', context),
      async waitForReady(context) {
        const { plan, leftovers, wanted } = await lookAtMachine(session, 'destroy', context)
        const left = [
          ...(plan?.changes ?? []).map(({ address }) => address),
          ...leftoversIn(leftovers).map(({ what }) => what),
        ]
        if (left.length > 0)
          throw new SlipwayError('terraform-failed', `machine ${wanted.name}: ${left.join(', ')} is still there`)
      },
      letGo: async (_context, end) =>
        end === 'cancelled' ? [{ type: 'machine-status', machine, status: 'failed', error: 'cancelled' }] : [],
    }
  },
})

function unmetOf(look: DestroyLook, after: readonly string[]): Unmet[] {
  const { wanted, use, leftovers, strayed } = look
  const { name, provider } = wanted
  const lost = look.lost ?? (hasLostState(look) && !provider.find ? 'there is no Terraform state of it any more' : null)
  // One that nothing was done to yet loses nothing.
  const member = use !== null && use.status !== 'pending' ? use : null
  return [
    ...(member === null
      ? []
      : [
          {
            ...aboutMachine(
              name,
              'machine-in-use',
              'error',
              `it is a node of ${member.cluster} (${member.status})`,
              `Take it out of the cluster first: slipway scale remove ${member.cluster} ${name}.`,
            ),
            providedBy: after,
          },
        ]),
    ...(strayed === null ? [] : [strayed]),
    ...(lost === null
      ? []
      : [
          aboutMachine(
            name,
            'machine-state-lost',
            'warning',
            `${lost}: ${provider.find ? 'only what has its mark' : 'nothing'} is taken away at ${provider.name}`,
            provider.find
              ? 'Restore the database from a backup, or accept it and look there yourself.'
              : `Restore the database from a backup; or take it away there yourself, then accept that it only goes off the record.`,
          ),
        ]),
    ...(leftovers.asked
      ? []
      : [
          aboutMachine(
            name,
            'machine-unmarked',
            'warning',
            `whether ${provider.name} has more of it than the state tells can’t be asked: ${leftovers.reason}`,
            leftovers.remedy,
          ),
        ]),
  ]
}

function changesOf({ wanted, plan, leftovers, way }: DestroyLook): readonly Change[] {
  const { name, provider } = wanted
  const record: Change = {
    effect: 'delete',
    target: `machine/${name}`,
    summary: provider.module === null ? 'take it off the record; the host stays as it is' : 'take it off the record',
  }
  return [
    ...leftoverChanges(name, leftoversIn(leftovers)),
    ...terraformChanges(wanted, plan?.changes ?? []),
    ...stateRemoval(name, way),
    record,
  ]
}
