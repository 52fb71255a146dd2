import type { Json } from '../contract/json.ts'
import type { StateBackend } from './backend/stateBackend.ts'
import type { Initialised } from './initialised.ts'
import type { TerraformTool } from './tool.ts'

/** What one call after the other is made with. */
export interface TerraformSurroundings {
  readonly tool: TerraformTool
  readonly initialised: Initialised
  /** Private folder in memory (tmpfs), 0700; each workspace has one of its own in it. */
  readonly directory: string
  /** The marker of its children. */
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /**
   * Path of the workspace's folder, where it must be found again by whoever goes on when this process has ended; what is
   * there is removed. Absent: it has a new name.
   */
  readonly folder?: string
}

/** A module with what it is given, for one machine. */
export interface TerraformRoot {
  /** What it is of, for people: `machine w1`. */
  readonly of: string
  /** Name of the workspace: other than those of all other machines. */
  readonly workspace: string
  /** Absolute path of the module's folder. */
  readonly module: string
  /** Its variables; they may hold secrets. */
  readonly variables: Readonly<Record<string, Json>>
  /** Variables of the environment by which its plugins are set. */
  readonly settings: Readonly<Record<string, string>>
  /** In clear; null: there is none yet, or it is in the backend. */
  readonly state: string | null
  /** Where the state is kept; null: in the workspace's folder, for as long as that is there. */
  readonly backend: StateBackend | null
}
