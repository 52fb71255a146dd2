import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { findAnsible } from '../../ansible/tools.ts'
import type { DataFolder } from '../../api/access/home.ts'
import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { shellWord } from '../../domain/placeholders.ts'
import { environmentCount, findPython } from '../../distributions/kubespray/source/environment.ts'
import { findHelm } from '../../helm/tool.ts'
import { providerFaults } from '../../machines/providers.ts'
import { runProcess } from '../../processes/run.ts'
import { databaseAccount } from '../../store/embedded/account.ts'
import { openDatabase } from '../../store/openStore.ts'
import { makeMemoryFolder } from '../../server/memoryFolder.ts'
import { markIn } from '../../machines/stateLook.ts'
import { askBackend } from '../../terraform/backend/askBackend.ts'
import { backendVariable, configuredBackend } from '../../terraform/backend/configured.ts'
import type { StateBackend } from '../../terraform/backend/stateBackend.ts'
import { findTerraform } from '../../terraform/tool.ts'
import { runningServer } from '../client/findServer.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  /** What to do where it is not ok; empty otherwise. */
  readonly remedy: string
}

/** Below this a database and its logs have no room, bytes. */
const leastSpace = 500 * 1024 * 1024

/** Everything that Slipway needs on this machine. Changes nothing. */
export async function examine(folder: DataFolder): Promise<Check[]> {
  return Promise.all([
    check('node', 'Run scripts/setup, or install Node 24.9 or newer.', async () => process.version),
    check('ssh', 'Install the OpenSSH client (Debian: openssh-client).', () => firstLine('ssh', ['-V'])),
    check('flock', 'Install util-linux.', () => firstLine('flock', ['--version'])),
    check('ansible-core', 'Run scripts/setup, or install ansible-core 2.18.', async () => {
      const { python, bin } = await findAnsible()
      const version = await firstLine(python, ['-c', 'import ansible; print(ansible.__version__)'])
      return `${version} in ${bin}`
    }),
    // Only charts need it.
    check('Helm', '', () =>
      findHelm().then(
        ({ version, path }) => `${version} at ${path}`,
        (error: unknown) => `${toSlipwayError(error).message}; charts in a cluster file need it`,
      ),
    ),
    // Only machines need it.
    check('OpenTofu', '', () =>
      findTerraform().then(
        ({ name, version, path }) => `${name} ${version} at ${path}`,
        (error: unknown) => `${toSlipwayError(error).message}; machines are made with it`,
      ),
    ),
    check('Terraform states', '', () => statesPlace()),
    // Only clusters that are made with Kubespray need it.
    check('Kubespray', '', () => kubesprayState()),
    check('own providers', 'Fix what is named, or take its folder out of SLIPWAY_PROVIDERS.', async () =>
      ownProviders(),
    ),
    check('SSH agent', '', async () => (process.env['SSH_AUTH_SOCK'] ? 'there' : 'none; key files are needed')),
    check('data folder', 'Give it to this user alone: chmod 700.', async () => folderState(folder)),
    check('disk space', 'Free some space.', async () => space(folder.path)),
    check('database', 'Check DATABASE_URL and the database server.', () => databaseState(folder)),
    check('server', '', async () => (await runningServer(folder))?.url ?? 'none runs on this data folder'),
  ])
}

/** Where the states of machines are kept, and whether that answers. */
async function statesPlace(): Promise<string> {
  const backend = await configuredBackend()
  if (backend === null) return 'in the database, sealed'
  const memory = makeMemoryFolder()
  try {
    const tool = await findTerraform()
    const around = { tool, directory: memory.path, environment: {}, signal: AbortSignal.timeout(60_000) }
    const names = await askBackend(backend, around)
    refuseOpenFile(backend)
    const ours = names?.filter(name => markIn(name) !== null).length
    return `${backend.title} answers${ours === undefined ? '' : `; ${ours} of its workspaces are of machines`}`
  } finally {
    memory.remove()
  }
}

/** @throws SlipwayError `terraform-backend-invalid`. */
function refuseOpenFile({ secrets }: StateBackend): void {
  const file = process.env[backendVariable] ?? ''
  if (secrets.length === 0 || (statSync(file).mode & 0o007) === 0) return
  throw new SlipwayError(
    'terraform-backend-invalid',
    `${file} holds a secret, and every user of this machine can read it`,
    {
      remedy: `Give it to Slipway’s user alone: chmod 600 ${shellWord(file)}.`,
    },
  )
}

/** What its playbooks are run with; they themselves come from where a cluster file says. */
async function kubesprayState(): Promise<string> {
  const needed = 'clusters made with Kubespray need it'
  try {
    const { path, version } = await findPython()
    const git = await firstLine('git', ['--version']).catch(() => 'no Git, which a source of that kind needs')
    const made = await environmentCount()
    return `Python ${version} (${path}), ${git}, ${made === 0 ? 'no environment yet' : `environments made: ${made}`}`
  } catch (thrown) {
    return `${toSlipwayError(thrown).message}; ${needed}`
  }
}

/** @throws Error with everything that is wrong with them. */
function ownProviders(): string {
  if (providerFaults.length > 0) throw new Error(providerFaults.join('; '))
  const places = process.env['SLIPWAY_PROVIDERS']
  return places ? `in order, in ${places}` : 'none'
}

async function check(name: string, remedy: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, found: await look(), remedy: '' }
  } catch (thrown) {
    const error = toSlipwayError(thrown)
    return { name, ok: false, found: error.message, remedy: error.code === 'internal' ? remedy : error.remedy }
  }
}

async function firstLine(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runProcess(command, args, { environment: {}, timeout: 10_000 }).catch(
    (cause: unknown) => {
      throw new Error(`${command} cannot be started`, { cause })
    },
  )
  if (exitCode !== 0) throw new Error(`${command} does not answer`)
  return (stdout || stderr).split('\n')[0] ?? ''
}

function folderState({ path }: DataFolder): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return `${path} (not made yet)`
  if (!stat.isDirectory()) throw new Error(`${path} is no folder`)
  if ((stat.mode & 0o077) !== 0) throw new Error(`${path} can be read by others`)
  return path
}

function space(path: string): string {
  const nearest = existsSync(path) ? path : existingParent(path)
  const { bavail, bsize } = statfsSync(nearest)
  const free = `${Math.floor((bavail * bsize) / 1024 ** 2)} MiB free`
  if (bavail * bsize < leastSpace) throw new Error(free)
  return free
}

function existingParent(path: string): string {
  const parent = dirname(path)
  return parent === path || existsSync(parent) ? parent : existingParent(parent)
}

/** A folder that a server holds is as good as opened: whether PostgreSQL may run here is all that is looked at. */
async function databaseState(folder: DataFolder): Promise<string> {
  const url = process.env['DATABASE_URL']
  if (!url) {
    databaseAccount()
    return existsSync(folder.path) ? 'embedded' : 'embedded (not made yet)'
  }
  const raw = await openDatabase({ url, connections: 1 })
  await raw.close()
  return 'PostgreSQL answers'
}
