import type { TerraformState } from '../terraform/shapes.ts'
import { readState } from '../terraform/state.ts'

/** The Terraform state of a machine, in clear. @throws SlipwayError `terraform-state-unreadable`. */
export const machineState = (text: string, machine: string): TerraformState =>
  readState(text, `machine ${machine}`, { machine })
