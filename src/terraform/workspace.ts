import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Json } from '../contract/json.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type ProcessOptions, runProcess } from '../processes/run.ts'
import { type TerraformChange, changesOf } from './changes.ts'
import { configurationText, pluginSource } from './configuration.ts'
import { terraformFailed } from './failures.ts'
import { type MessageReader, progressOf, readMessages } from './messages.ts'
import { plannedShape } from './shapes.ts'
import type { TerraformTool } from './tool.ts'
import { watchFile } from './watchFile.ts'

/** What one call after the other is made with. */
export interface TerraformSurroundings {
  readonly tool: TerraformTool
  /** Private folder in memory (tmpfs), 0700; each workspace has one of its own in it. */
  readonly directory: string
  /** The marker of its children. */
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
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
  /** In clear; null: there is none yet. */
  readonly state: string | null
}

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
/** Characters of each stream: a plan as JSON may be long. */
const mostOutput = 16 * 1024 * 1024
/** What lies beside a module when somebody has used it by hand. */
const notOfModule = /^(\.terraform(\.d|rc)?|\.terraform\.lock\.hcl|.*\.tfstate(\..*)?|terraform\.tfstate\.d)$/

/**
 * @throws SlipwayError `terraform-failed` where the module, its plugins or its variables are not right; `file-unreadable`.
 */
export async function openWorkspace(root: TerraformRoot, around: TerraformSurroundings): Promise<Workspace> {
  around.signal.throwIfAborted()
  const folder = await mkdtemp(join(around.directory, 'terraform-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const call = await prepare(root, around, folder)
    return workspaceOver(root, around, folder, call, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

type Call = (args: readonly string[], options?: Partial<ProcessOptions>) => Promise<Answer>
interface Answer {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const statePath = (folder: string, workspace: string) =>
  join(folder, 'terraform.tfstate.d', workspace, 'terraform.tfstate')

async function prepare(root: TerraformRoot, around: TerraformSurroundings, folder: string): Promise<Call> {
  const { of, module, workspace, state } = root
  if (!(await stat(module).catch(() => null))?.isDirectory())
    throw new SlipwayError('file-unreadable', `${module}: the folder of the Terraform module is not there`)
  await cp(module, folder, { recursive: true, filter: source => !notOfModule.test(basename(source)) })
  const own = { mode: 0o600 }
  await writeFile(join(folder, 'slipway.auto.tfvars.json'), JSON.stringify(await declared(folder, root.variables)), own)
  await writeFile(join(folder, '.terraformrc'), configurationText(pluginSource()), own)
  await mkdir(join(statePath(folder, workspace), '..'), { recursive: true, mode: 0o700 })
  if (state !== null) await writeFile(statePath(folder, workspace), state, own)
  const call: Call = async (args, options = {}) => {
    const answer = await runProcess(around.tool.path, args, {
      environment: {
        ...around.environment,
        ...root.settings,
        TF_WORKSPACE: workspace,
        TF_DATA_DIR: join(folder, '.data'),
        TF_CLI_CONFIG_FILE: join(folder, '.terraformrc'),
        TF_IN_AUTOMATION: '1',
        TF_INPUT: '0',
        CHECKPOINT_DISABLE: '1',
      },
      directory: folder,
      signal: around.signal,
      maxOutput: mostOutput,
      endsBy: 'SIGINT',
      ...options,
    })
    around.signal.throwIfAborted()
    return answer
  }
  const initialised = await call(['init', '-input=false', '-no-color'])
  if (initialised.exitCode !== 0) throw terraformFailed(of, 'init', initialised.stderr, [])
  return call
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
  call: Call,
  remove: () => Promise<void>,
): Workspace {
  /** A call that tells JSON, line by line. */
  const told = async (args: readonly string[], messages: MessageReader, onStdout?: ProcessOptions['onStdout']) => {
    const answer = await call(args, { onStdout: onStdout ?? (text => void messages.add(text)) })
    if (answer.exitCode !== 0) throw terraformFailed(of, args[0] ?? '', answer.stderr, messages.errors)
  }
  return {
    async plan(kind) {
      const messages = readMessages()
      const way = kind === 'destroy' ? ['-destroy'] : []
      await told(['plan', '-json', '-input=false', '-lock=false', ...way, `-out=${planFile}`], messages)
      const shown = await call(['show', '-json', '-no-color', planFile])
      if (shown.exitCode !== 0) throw terraformFailed(of, 'show', shown.stderr, [])
      const planned = plannedShape.parse(JSON.parse(shown.stdout))
      return {
        changes: changesOf(planned.resource_changes),
        drifted: changesOf(planned.resource_drift).map(({ address }) => address),
      }
    },
    planFile: () => readFile(join(folder, planFile)),
    async apply(plan, { log, progress, keep }) {
      await writeFile(join(folder, planFile), plan, { mode: 0o600 })
      const messages = readMessages()
      const path = statePath(folder, workspace)
      const watch = watchFile(path, keep)
      try {
        await told(['apply', '-json', '-input=false', '-lock=false', planFile], messages, async text => {
          for (const message of messages.add(text)) {
            const line = progressOf(message)
            if (line !== null) await progress(line)
            if (message.type === 'provision_progress') await log(`${message.hook.output}\n`)
            if (message.type === 'diagnostic')
              await log(`${message.diagnostic.summary}: ${message.diagnostic.detail}\n`)
          }
        })
      } finally {
        // Also of an apply that failed or was cancelled: what it made is known by it.
        await watch.end()
      }
      signal.throwIfAborted()
    },
    [Symbol.asyncDispose]: remove,
  }
}
