import { acceptable, error, note, type FindingEntry } from './entry.ts'

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
  'machine-restarts': error(
    'The machine is a node that is at work, and the change would restart it with all its pods; several servers at once would cost etcd its majority',
    'One node after the other: slipway drain CLUSTER NODE, apply the change of its machine alone, slipway uncordon CLUSTER NODE. Or put a machine with the new settings in its place: slipway node replace.',
  ),
  'node-on-another-machine': error(
    'A node of the cluster is to be on another machine than it is on, where another host would join under its name',
    'Leave it where it is; or put a node on the other machine in its place, under a name of its own: slipway node replace CLUSTER NODE.',
  ),
  'machine-provider-changed': error(
    'The machine was made by another provider than the one that is to make it now, which knows nothing of it',
    'Leave it with its provider, and give the new one another name; or take it away first: slipway machine destroy NAME.',
  ),
  'machine-key-changed': acceptable(
    'The machine shows another host key than the one that was pinned when it was made',
    'If it was installed anew on purpose, accept it: slipway machine create NAME --accept machine-key-changed. Else somebody else answers at its address.',
  ),
  'machine-unknown': error(
    'A node is to be on a machine that is not on record, and nothing says who makes it',
    'Add spec.machines with a provider to the cluster file, or make the machine first: slipway machine create NAME.',
  ),
  'machine-unmarked': acceptable(
    'What is at the provider of a machine can’t be asked from here, so that what an interrupted run has left of it may stay',
    'Bring what is missing, or accept it and look there yourself.',
  ),
  'machine-state-lost': acceptable(
    'The Terraform state of the machine can’t be used: it is damaged, or its backend has another one than it had',
    'Bring it back from a backup of the database, or of the backend; or accept it. What is on record of it counts then; where that is nothing, what its provider has by the mark of the machine is taken away, and what has none is yours to find there.',
  ),
  'machine-state-elsewhere': acceptable(
    'The Terraform state of the machine is in another backend than the one that the server is given',
    'Name that backend again in SLIPWAY_TERRAFORM_BACKEND; or accept it, where nobody else has changed the state there since: what is on record of it counts then.',
  ),
  'machine-workspace-orphaned': note(
    'The backend for Terraform states has a workspace of this installation, of a machine that is not on record',
    'See what is in it, and remove it there when nothing is left of the machine.',
  ),
  'machine-unattended': note(
    'The machine is in the middle of being made or destroyed, and nobody executes the run that does it',
    'Go on with the run, or make or destroy the machine by a new one; slipway machine check --repair goes on with it.',
  ),
  'machine-silent': note(
    'The machine is whole on record, and does not let its login in: it is off, cut off, gone, or somebody has changed it',
    'See what it is at its provider. Where it is lost: slipway machine destroy NAME, and create it again.',
  ),
  'machine-state-orphaned': note(
    'There is a Terraform state of a machine that is not on record, so that nobody would ever destroy what it tells of',
    'Put the machine back on record with the settings that it had, then destroy it.',
  ),
  'provider-remains': note(
    'The provider of a machine has something of it that no Terraform state knows: an interrupted run has left it',
    'Destroy the machine, or have slipway machine check --repair do it where the machine is off the record.',
  ),
  'provider-unknown': note(
    'A provider has something with the mark of a Slipway, of a machine that was never on record in this database',
    'Ask whose it is: it may belong to another installation. Slipway leaves it alone.',
  ),
  'provider-unasked': note(
    'What a provider has can’t be asked from here, so that something may be left there unseen',
    'Bring what is missing, and check again.',
  ),
  'fragment-orphaned': note(
    'A fragment of an inventory is of a machine that is not on record any more',
    'Write the inventory: slipway machine inventory --write FOLDER.',
  ),
  'fragment-missing': note(
    'A machine on record has no fragment in the folder of inventories, so that playbooks pass it over',
    'Write the inventory: slipway machine inventory --write FOLDER.',
  ),
  'fragment-outdated': note(
    'The fragment of a machine says something else than the record: somebody has changed it, or the machine has changed since',
    'Write the inventory: slipway machine inventory --write FOLDER.',
  ),
  'inventory-outdated': note(
    'The inventory or its file of host keys is not what its fragments and the record make together',
    'Write the inventory: slipway machine inventory --write FOLDER.',
  ),
  'inventory-taken': note(
    'Where a file of the inventory belongs, there is one that Slipway has not written',
    'Move that file away; it is never replaced.',
  ),
} as const satisfies Record<string, FindingEntry>
