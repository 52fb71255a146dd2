import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ApplyHandlers, applyIn } from './applying.ts'
import type { RemoteState } from './backend/remoteState.ts'
import { type TerraformChange, changesOf } from './changes.ts'
import { terraformFailed } from './failures.ts'
import { jsonIn, readMessages } from './messages.ts'
import { type PreparedFolder, prepare } from './prepare.ts'
import { plannedShape } from './shapes.ts'
import type { TerraformRoot, TerraformSurroundings } from './root.ts'

export interface TerraformPlan {
  readonly changes: readonly TerraformChange[]
  /** What is managed by the state and was not found any more, or is otherwise than it was made. */
  readonly drifted: readonly string[]
  /** What the module tells is not what the state has: also where nothing is changed, it is told by an apply only. */
  readonly retold: boolean
}

export interface LookedPlan extends TerraformPlan {
  /** The plan itself: what was looked at is what is done. */
  readonly file: Uint8Array
}

/**
 * A folder of its own with a copy of the module, its variables and its state, bound to one workspace: what is done in one
 * touches no other one. Removed with its disposal.
 */
export interface Workspace extends AsyncDisposable {
  /** Its state, where that is in a backend; else null. */
  readonly remote: RemoteState | null
  /** Looks at the world; what it finds is what `apply` would do. @throws SlipwayError `terraform-failed`. */
  plan(kind: 'apply' | 'destroy'): Promise<TerraformPlan>
  /** What was planned last, as it is applied in another workspace of the same machine. */
  planFile(): Promise<Uint8Array>
  /**
   * Does what a plan says, of this workspace or of an earlier one; refused where the state has moved since. The state is
   * kept also when it fails.
   * @throws SlipwayError as `applyIn`.
   */
  apply(plan: Uint8Array, handlers: ApplyHandlers): Promise<void>
}

const planFile = 'slipway.plan'

/**
 * @throws SlipwayError `terraform-failed` where the module, its plugins or its variables are not right; `file-unreadable`.
 */
export async function openWorkspace(root: TerraformRoot, around: TerraformSurroundings): Promise<Workspace> {
  around.signal.throwIfAborted()
  const folder = around.folder ?? (await mkdtemp(join(around.directory, 'terraform-')))
  if (around.folder !== undefined) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { mode: 0o700 })
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    return workspaceOver(root, around, await prepare(root, around, folder), remove)
  } catch (error) {
    await remove()
    throw error
  }
}

function workspaceOver(
  root: TerraformRoot,
  { signal }: TerraformSurroundings,
  prepared: PreparedFolder,
  remove: () => Promise<void>,
): Workspace {
  const { folder, command, remote } = prepared
  let unkept = false
  return {
    remote,
    async plan(kind) {
      const messages = readMessages()
      const way = kind === 'destroy' ? ['-destroy'] : []
      const args = ['plan', '-json', '-input=false', '-lock=false', ...way, `-out=${planFile}`]
      const answer = await command.run(args, text => void messages.add(text))
      if (answer.exitCode !== 0) throw terraformFailed(root, 'plan', answer.stderr, messages.errors)
      const shown = await command.run(['show', '-json', '-no-color', planFile])
      if (shown.exitCode !== 0) throw terraformFailed(root, 'show', shown.stderr, [])
      const planned = plannedShape.parse(jsonIn(shown.stdout))
      return {
        changes: changesOf(planned.resource_changes),
        drifted: changesOf(planned.resource_drift).map(({ address }) => address),
        retold: Object.values(planned.output_changes).some(({ actions }) => actions.some(one => one !== 'no-op')),
      }
    },
    planFile: () => readFile(join(folder, planFile)),
    async apply(plan, handlers) {
      await writeFile(join(folder, planFile), plan, { mode: 0o600 })
      unkept = true
      await applyIn(prepared, root, { plan: planFile, signal, handlers, kept: () => (unkept = false) })
    },
    async [Symbol.asyncDispose]() {
      // Whoever goes on finds there what could not be handed on.
      if (!unkept) await remove()
    },
  }
}
