import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about machines, and about the command that makes them. */
export const machineErrors = {
  'machine-invalid': entry(
    'usage',
    422,
    'The settings of a machine are not valid',
    'Fix what is named; `slipway machine create --help` shows the settings, and docs/machines.md those of each provider.',
  ),
  'machine-exists': entry(
    'usage',
    409,
    'There is a machine of this name, with other settings',
    'Choose another name; or change that machine: add --change, and read the plan.',
  ),
  'machine-unanswered': entry(
    'failed',
    504,
    'A machine was made, and does not answer',
    'Look at its console at the provider; then go on with `slipway resume`, or take it away: `slipway machine destroy NAME`.',
  ),
  'provider-refused': entry(
    'failed',
    502,
    'The provider of a machine refused what was asked of it, or does not answer',
    'Do what its words ask for; then create the machine again. What was made of it is on record: `slipway machine destroy NAME` takes it away.',
  ),
  'terraform-failed': entry(
    'failed',
    502,
    'OpenTofu or Terraform failed',
    'Read its words and fix the cause; then go on with `slipway resume`. What was made is on record, and can be destroyed: `slipway machine destroy NAME`.',
  ),
  'terraform-state-unreadable': entry(
    'refused',
    409,
    'The Terraform state of a machine cannot be used',
    'Restore the database from a backup; or take the machine away without it: `slipway machine destroy NAME --accept machine-state-lost`, and see what is left at its provider (`slipway machine check`).',
  ),
  'terraform-backend-invalid': entry(
    'usage',
    422,
    'The backend for Terraform states that the server is given is not valid',
    'Fix what is named: SLIPWAY_TERRAFORM_BACKEND is the absolute path of a file with terraform { backend "TYPE" { … } } and nothing else, as docs/machines.md shows.',
  ),
  'terraform-backend-unanswered': entry(
    'failed',
    502,
    'The backend for Terraform states does not answer, or refuses what is asked of it',
    'See what it says; `slipway doctor` asks it again. Then go on with `slipway resume`, or type the same command again: what was made is on record.',
  ),
  'terraform-state-locked': entry(
    'busy',
    409,
    'The Terraform state of a machine is locked by somebody else',
    'Wait until they are done, then go on with `slipway resume`. Where nobody is at it any more: `slipway machine unlock NAME --lock ID`.',
  ),
  'inventory-refused': entry(
    'refused',
    409,
    'An inventory of machines is not written; the one that is there stays as it is',
    'Fix what is named, and write it again: `slipway machine inventory --write FOLDER`.',
  ),
} as const
