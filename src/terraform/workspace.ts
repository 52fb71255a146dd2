import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Json } from '../contract/json.ts'
import { SlipwayError } from '../domain/errors.ts'
import { applyFolder, stateFolder } from './applyFolder.ts'
import { type TerraformChange, changesOf } from './changes.ts'
import { initConditions } from './conditions.ts'
import { commandIn, type WorkspaceCommand } from './command.ts'
import { configurationText, pluginSource } from './configuration.ts'
import { terraformFailed, terraformKilled } from './failures.ts'
import { jsonIn, progressOf, readMessages } from './messages.ts'
import { plannedShape } from './shapes.ts'
import type { TerraformRoot, TerraformSurroundings } from './root.ts'
import { watchFolder } from './watchFolder.ts'

export interface TerraformPlan {
  readonly changes: readonly TerraformChange[]
  /** What is managed by the state and was not found any more, or is otherwise than it was made. */
  readonly drifted: readonly string[]
}

export interface ApplyHandlers {
  /** Everything that the command says, line by line. */
  log(text: string): void | Promise<void>
  /** One line for people. */
  progress(message: string): Promise<void>
  /** The state, in clear, each time it has changed. Called one after the other. */
  keep(state: string): Promise<void>
}

/**
 * A folder of its own with a copy of the module, its variables and its state, bound to one workspace: what is done in one
 * touches no other one. Removed with its disposal.
 */
export interface Workspace extends AsyncDisposable {
  /** Looks at the world; what it finds is what `apply` would do. @throws SlipwayError `terraform-failed`. */
  plan(kind: 'apply' | 'destroy'): Promise<TerraformPlan>
  /** What was planned last, as it is applied in another workspace of the same machine. */
  planFile(): Promise<Uint8Array>
  /**
   * Does what a plan says, of this workspace or of an earlier one; refused where the state has moved since. The state is kept also when it fails.
   * @throws SlipwayError `terraform-failed`; the signal's reason when it was aborted.
   */
  apply(plan: Uint8Array, handlers: ApplyHandlers): Promise<void>
}

const planFile = 'slipway.plan'
/** What lies beside a module when somebody has used it by hand. */
const notOfModule = /^(\.terraform(\.d|rc)?|\.terraform\.lock\.hcl|.*\.tfstate(\..*)?|terraform\.tfstate\.d)$/

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
    return workspaceOver(root, around, folder, await prepare(root, around, folder), remove)
  } catch (error) {
    await remove()
    throw error
  }
}

async function prepare(root: TerraformRoot, around: TerraformSurroundings, folder: string): Promise<WorkspaceCommand> {
  const { of, module, workspace, state } = root
  if (!(await stat(module).catch(() => null))?.isDirectory())
    throw new SlipwayError('file-unreadable', `${module}: the folder of the Terraform module is not there`)
  await cp(module, folder, { recursive: true, filter: source => !notOfModule.test(basename(source)) })
  const own = { mode: 0o600 }
  await writeFile(join(folder, 'slipway.auto.tfvars.json'), JSON.stringify(await declared(folder, root.variables)), own)
  const kept = stateFolder(folder, workspace)
  await mkdir(kept, { recursive: true, mode: 0o700 })
  if (state !== null) await writeFile(join(kept, 'terraform.tfstate'), state, own)
  const configuration = await configurationFile(folder)
  const command = commandIn(folder, root, around, configuration)
  const conditions = await initConditions(folder, root, around.tool, configuration)
  const { exitCode, stderr } = await around.initialised.into({ folder, conditions, signal: around.signal }, () =>
    command.run(['init', '-input=false', '-no-color']),
  )
  if (exitCode !== 0) throw terraformFailed(of, 'init', stderr, [])
  return command
}

/** Null: the user's own is meant. @throws SlipwayError `machine-invalid`. */
async function configurationFile(folder: string): Promise<string | null> {
  const source = pluginSource()
  if (source.mirror === null) return process.env['TF_CLI_CONFIG_FILE'] || null
  const path = join(folder, '.terraformrc')
  await writeFile(path, configurationText(source.mirror), { mode: 0o600 })
  return path
}

/** Variables that the module declares: it need not take everything that can be told. */
async function declared(
  folder: string,
  variables: Readonly<Record<string, Json>>,
): Promise<Readonly<Record<string, Json>>> {
  const names = (await readdir(folder)).filter(name => /\.(tf|tofu)(\.json)?$/.test(name))
  const texts = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')))
  const known = new Set(
    texts.flatMap(text => [...text.matchAll(/^\s*variable\s+"?([\w-]+)"?\s*\{/gm)].map(([, name]) => name)),
  )
  // One that is written as JSON is not looked through: then all are given, and those that are not declared only warned of.
  if (names.some(name => name.endsWith('.json'))) return variables
  return Object.fromEntries(Object.entries(variables).filter(([name]) => known.has(name)))
}

function workspaceOver(
  { of, workspace }: TerraformRoot,
  { signal }: TerraformSurroundings,
  folder: string,
  command: WorkspaceCommand,
  remove: () => Promise<void>,
): Workspace {
  let unkept = false
  return {
    async plan(kind) {
      const messages = readMessages()
      const way = kind === 'destroy' ? ['-destroy'] : []
      const args = ['plan', '-json', '-input=false', '-lock=false', ...way, `-out=${planFile}`]
      const answer = await command.run(args, text => void messages.add(text))
      if (answer.exitCode !== 0) throw terraformFailed(of, 'plan', answer.stderr, messages.errors)
      const shown = await command.run(['show', '-json', '-no-color', planFile])
      if (shown.exitCode !== 0) throw terraformFailed(of, 'show', shown.stderr, [])
      const planned = plannedShape.parse(jsonIn(shown.stdout))
      return {
        changes: changesOf(planned.resource_changes),
        drifted: changesOf(planned.resource_drift).map(({ address }) => address),
      }
    },
    planFile: () => readFile(join(folder, planFile)),
    async apply(plan, { log, progress, keep }) {
      await writeFile(join(folder, planFile), plan, { mode: 0o600 })
      const left = applyFolder(folder, workspace)
      unkept = true
      let kept: string | null = null
      let ended = false
      const watch = watchFolder(left.path, async () => {
        for (const message of await left.heard()) {
          const line = progressOf(message)
          if (line !== null) await progress(line)
          if (message.type === 'provision_progress') await log(`${message.hook.output}\n`)
          if (message.type === 'diagnostic') await log(`${message.diagnostic.summary}: ${message.diagnostic.detail}\n`)
        }
        const state = await left.state(ended)
        if (state === null || state === kept) return
        kept = state
        await keep(state)
      })
      try {
        const args = ['apply', '-json', '-input=false', '-lock=false', planFile]
        const answer = await command.runApart(args, left.path)
        ended = answer.exitCode !== null
        await watch.end()
        signal.throwIfAborted()
        if (answer.exitCode === null) throw terraformKilled(of)
        if (answer.exitCode !== 0) throw terraformFailed(of, 'apply', answer.stderr, left.messages.errors)
      } finally {
        // Also of an apply that was cancelled: what it made is known by it.
        await watch.end()
        unkept = false
      }
    },
    async [Symbol.asyncDispose]() {
      // Whoever goes on finds there what could not be handed on.
      if (!unkept) await remove()
    },
  }
}
