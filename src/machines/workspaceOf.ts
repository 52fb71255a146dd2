import { readPrivateKey } from '../domain/clusterFile/privateKey.ts'
import { SlipwayError } from '../domain/errors.ts'
import type { Json } from '../contract/json.ts'
import type { TerraformRoot, TerraformSurroundings } from '../terraform/root.ts'
import type { StateBackend } from '../terraform/backend/stateBackend.ts'
import { openWorkspace, type Workspace } from '../terraform/workspace.ts'
import { cloudInitText } from './cloudInit.ts'
import type { MachineSession, WantedRecord } from './session.ts'
import { publicKeyOf } from './publicKey.ts'

/** The login that a machine lets in; most images have no other one than root, or one of their own. */
export const loginOf = ({ ssh }: WantedRecord['spec']): string => ssh?.user ?? 'root'

/** Where the state of a machine is found, and as what. */
export type KeptState =
  | { readonly backend: null; readonly workspace: string; readonly state: string | null }
  | { readonly backend: StateBackend; readonly workspace: string }

/**
 * The Terraform workspace of a machine with what it is given, as `openWorkspace` says. Null: its provider makes nothing.
 * @param kept its state of before, in clear; or the backend that has it, and the name of the workspace there.
 */
export async function openMachine(
  session: MachineSession,
  wanted: WantedRecord,
  kept: KeptState,
  around: Pick<TerraformSurroundings, 'environment' | 'signal' | 'folder'>,
): Promise<Workspace | null> {
  const root = await machineRoot(session, wanted, kept)
  return root && openRoot(session, root, around)
}

export const openRoot = async (
  session: MachineSession,
  root: TerraformRoot,
  around: Pick<TerraformSurroundings, 'environment' | 'signal' | 'folder'>,
): Promise<Workspace> =>
  openWorkspace(root, {
    tool: await session.terraform(),
    initialised: session.initialised,
    directory: session.directory,
    environment: around.environment,
    signal: around.signal,
    ...(around.folder !== undefined && { folder: around.folder }),
  })

/** The module of a machine with what it is given. Null: its provider makes nothing. */
export async function machineRoot(
  session: MachineSession,
  wanted: WantedRecord,
  kept: KeptState,
): Promise<TerraformRoot | null> {
  const { name, uid, spec, provider } = wanted
  if (provider.module === null) return null
  const files = await filesOf(session, wanted)
  const file = (path: string): string => {
    const content = files.get(path)
    if (content === undefined) throw new SlipwayError('file-unreadable', `the contents of ${path} are not stored`)
    return content
  }
  const user = loginOf(spec)
  const publicKey = provider.shared && !spec.ssh?.key_file ? '' : await loginKey(session, wanted)
  const machine = {
    name,
    uid,
    memory: spec.memory,
    cpus: spec.cpus,
    disk: spec.disk,
    image: spec.image,
    settings: spec.settings,
    user_data: cloudInitText({ hostname: name, user, publicKey }),
    login: { user, public_key: publicKey },
  }
  return {
    of: `machine ${name}`,
    workspace: kept.workspace,
    module: provider.module,
    variables: variablesOf(provider.variables(machine, file)),
    settings: provider.environment?.(spec.settings, file) ?? {},
    state: kept.backend === null ? kept.state : null,
    backend: kept.backend,
  }
}

/** Variables that are not given are left to the module's own defaults. */
const variablesOf = (given: Readonly<Record<string, Json | undefined>>): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

async function filesOf(
  session: MachineSession,
  { spec, provider }: WantedRecord,
): Promise<ReadonlyMap<string, string>> {
  const named = provider.files?.(spec.settings) ?? []
  return new Map(await Promise.all(named.map(async ({ file }) => [file, await session.file(file)] as const)))
}

async function loginKey(session: MachineSession, { name, spec }: WantedRecord): Promise<string> {
  const path = spec.ssh?.key_file
  if (path === undefined)
    throw new SlipwayError('machine-invalid', `machine ${name}: nobody could log in to it without a key`, {
      remedy: 'Name the private key of its login: ssh.key_file in the file, or --key-file.',
    })
  const key = readPrivateKey(await session.file(path))
  if (key.kind !== 'usable') throw new SlipwayError('file-unreadable', `${path} holds no private key that can be used`)
  return publicKeyOf(key.text, session)
}
