import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found where machines are made, changed and destroyed. */
export const machineFindings = {
  'machine-replaced': acceptable(
    'The machine would be destroyed and made anew for this change, with all that is on its disks',
    'Take the change back, or accept that its data is lost.',
  ),
  'machine-in-use': error(
    'The machine is a node of a cluster, and the cluster would lose it',
    'Take it out of the cluster first: slipway scale remove CLUSTER NAME.',
  ),
  'machine-unknown': error(
    'A node is to be on a machine that is not on record, and nothing says who makes it',
    'Add spec.machines with a provider to the cluster file, or make the machine first: slipway machine create NAME.',
  ),
  'machine-unmarked': acceptable(
    'What is at the provider of a machine can’t be asked from here, so that what an interrupted run has left of it may stay',
    'Bring what is missing, or accept it and look there yourself.',
  ),
} as const satisfies Record<string, FindingEntry>
