import { cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Json } from '../contract/json.ts'
import { SlipwayError } from '../domain/errors.ts'
import { stateFolder } from './applyFolder.ts'
import { type RemoteState, backendFailed, remoteState } from './backend/remoteState.ts'
import { oneFirst } from './backend/inTurn.ts'
import { refuseOwnBackend } from './backend/ownBackend.ts'
import type { StateBackend } from './backend/stateBackend.ts'
import { initConditions } from './conditions.ts'
import { commandIn, type WorkspaceCommand } from './command.ts'
import { configurationText, pluginSource } from './configuration.ts'
import { moduleFiles } from './moduleFiles.ts'
import { terraformFailed } from './failures.ts'
import type { TerraformRoot, TerraformSurroundings } from './root.ts'

/** A folder in which the command can work. */
export interface PreparedFolder {
  readonly folder: string
  readonly command: WorkspaceCommand
  /** Null: the state is in the folder. */
  readonly remote: RemoteState | null
  /** The state in its backend, for what is asked when the work was broken off; the signal ends that. */
  remoteUntil(signal: AbortSignal): RemoteState | null
}

/** What lies beside a module when somebody has used it by hand. */
const notOfModule = /^(\.terraform(\.d|rc)?|\.terraform\.lock\.hcl|.*\.tfstate(\..*)?|terraform\.tfstate\.d)$/
const own = { mode: 0o600 }

/** Brings a module with its variables and its state into an empty folder, and lets the command fetch its plugins. */
export async function prepare(
  root: TerraformRoot,
  around: TerraformSurroundings,
  folder: string,
): Promise<PreparedFolder> {
  const { of, module, workspace, state, backend } = root
  if (!(await stat(module).catch(() => null))?.isDirectory())
    throw new SlipwayError('file-unreadable', `${module}: the folder of the Terraform module is not there`)
  await cp(module, folder, { recursive: true, filter: source => !notOfModule.test(basename(source)) })
  await refuseOwnBackend(folder, module)
  await writeFile(join(folder, 'slipway.auto.tfvars.json'), JSON.stringify(await declared(folder, root.variables)), own)
  const kept = stateFolder(folder, workspace)
  await mkdir(kept, { recursive: true, mode: 0o700 })
  if (state !== null) await writeFile(join(kept, 'terraform.tfstate'), state, own)
  const configuration = await configurationFile(folder)
  const inside = { ...root, workspace: backend?.workspaces === false ? null : workspace }
  const outside = { ...root, workspace: null }
  const command = commandIn(folder, inside, around, configuration)
  const remoteUntil = (signal: AbortSignal): RemoteState | null =>
    backend &&
    remoteState({
      of,
      backend,
      workspace,
      folder,
      inside: commandIn(folder, inside, { ...around, signal }, configuration),
      outside: commandIn(folder, outside, { ...around, signal }, configuration),
    })
  const conditions = await initConditions(folder, root, around.tool, configuration)
  // What has to be done in this very folder is done once, with its backend.
  if (!backend || conditions !== null) {
    const { exitCode, stderr } = await around.initialised.into({ folder, conditions, signal: around.signal }, () =>
      command.run(init),
    )
    if (exitCode !== 0) throw terraformFailed(root, 'init', stderr, [])
  }
  if (backend) await reachBackend(root, backend, folder, commandIn(folder, outside, around, configuration))
  return { folder, command, remote: remoteUntil(around.signal), remoteUntil }
}

const init = ['init', '-input=false', '-no-color']

/** Tells the command which backend has the state, and lets it ask that. */
async function reachBackend(
  root: TerraformRoot,
  backend: StateBackend,
  folder: string,
  outside: WorkspaceCommand,
): Promise<void> {
  const block = { terraform: { backend: { [backend.type]: backend.settings(root.workspace) } } }
  await writeFile(join(folder, 'slipway_backend_override.tf.json'), JSON.stringify(block), own)
  const begun = Date.now()
  const { exitCode, stdout, stderr } = await oneFirst(backend, () => outside.run(init))
  if (exitCode === 0) return
  // It speaks with its backend first of all.
  if (stdout.includes('Initializing provider plugins')) throw terraformFailed(root, 'init', stderr, [])
  throw backendFailed(root.of, backend, 'init', stderr, begun)
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
  const files = await moduleFiles(folder)
  // One that is written as JSON is not looked through: then all are given, and those that are not declared only warned of.
  if (files.some(({ isJson }) => isJson)) return variables
  const known = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/^\s*variable\s+"?([\w-]+)"?\s*\{/gm)].map(([, name]) => name)),
  )
  return Object.fromEntries(Object.entries(variables).filter(([name]) => known.has(name)))
}
