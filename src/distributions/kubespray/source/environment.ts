import { createHash } from 'node:crypto'
import { access, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnsibleTools } from '../../../ansible/tools.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { findProgram } from '../../../processes/findProgram.ts'
import { runProcess } from '../../../processes/run.ts'
import { kubesprayCache, underLock } from './bring.ts'
import { unusable } from './content.ts'
import type { Doing } from './doing.ts'

/** What Kubespray's playbooks run in: a virtual environment of its own for each list of requirements. */
export interface PythonEnvironment extends AnsibleTools {
  readonly folder: string
}

/** ansible-core 2.18 runs in these; what Slipway's runner and callback are tested with. */
const pythons = ['python3.12', 'python3.11', 'python3.13', 'python3']
const wantedCore = /^2\.18\./
const builtIn = 20 * 60_000

/**
 * The Python that environments are made with: SLIPWAY_KUBESPRAY_PYTHON, else one of PATH.
 * @throws SlipwayError `tool-missing`
 */
export async function findPython(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ path: string; version: string }> {
  const remedy =
    'Install Python 3.11, 3.12 or 3.13 with its venv module (Debian: python3-venv), or name one in SLIPWAY_KUBESPRAY_PYTHON.'
  const named = environment['SLIPWAY_KUBESPRAY_PYTHON']
  for (const name of named ? [named] : pythons) {
    const path = named ?? (await findProgram({ variable: '', built: 'kubespray/python', names: [name] }, environment))
    if (path === null) continue
    const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'
    const asked = await runProcess(path, ['-I', '-c', script], { environment: {}, timeout: 30_000 }).catch(() => null)
    const version = asked?.stdout.trim() ?? ''
    if (/^3\.1[123]$/.test(version)) return { path, version }
    if (named) throw new SlipwayError('tool-missing', `${named} is no Python 3.11 to 3.13 with venv`, { remedy })
  }
  throw new SlipwayError('tool-missing', 'no Python 3.11, 3.12 or 3.13 with venv is installed', { remedy })
}

function placeOf(requirements: string, version: string): PythonEnvironment {
  const hash = createHash('sha256').update(`${version}\n${requirements}`).digest('hex').slice(0, 32)
  const folder = join(kubesprayCache(), 'environments', hash)
  return { folder, bin: join(folder, 'bin'), python: join(folder, 'bin', 'python') }
}

/** The environment for these requirements; null where there is none yet. @throws SlipwayError `tool-missing` */
export async function presentEnvironment(requirements: string): Promise<PythonEnvironment | null> {
  const place = placeOf(requirements, (await findPython()).version)
  return (await isWhole(place)) ? place : null
}

/**
 * Makes the environment, unless it is there. It knows its own path, so it is made in its place, and marked as whole last.
 * SLIPWAY_KUBESPRAY_WHEELS names a folder with wheels that are installed from instead of a package index.
 * @throws SlipwayError `tool-missing`, `playbooks-unusable` where the requirements cannot be met or bring another ansible-core.
 */
export async function makeEnvironment(requirements: string, doing: Doing): Promise<PythonEnvironment> {
  const python = await findPython()
  const place = placeOf(requirements, python.version)
  return underLock('environments', doing, async () => {
    if (await isWhole(place)) return place
    await rm(place.folder, { recursive: true, force: true })
    await run(python.path, ['-I', '-m', 'venv', place.folder], doing)
    const list = join(place.folder, 'requirements.txt')
    await writeFile(list, requirements)
    const wheels = process.env['SLIPWAY_KUBESPRAY_WHEELS']
    const from = wheels ? ['--no-index', '--find-links', wheels] : []
    await run(
      place.python,
      ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', ...from, '-r', list],
      doing,
    )
    const core = await run(place.python, ['-I', '-c', 'import ansible.release as r; print(r.__version__)'], doing)
    if (!wantedCore.test(core.trim()))
      throw unusable(
        `its requirements bring ansible-core ${core.trim()}, and this Slipway runs it with 2.18: use Kubespray 2.31`,
      )
    await writeFile(join(place.folder, whole), '')
    return place
  })
}

/** How many environments are made, and whole. */
export async function environmentCount(): Promise<number> {
  const folder = join(kubesprayCache(), 'environments')
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(names.map(name => isWhole({ folder: join(folder, name) })))
  return found.filter(Boolean).length
}

const whole = '.whole'
const isWhole = ({ folder }: Pick<PythonEnvironment, 'folder'>): Promise<boolean> =>
  access(join(folder, whole)).then(
    () => true,
    () => false,
  )

/** Settings of pip are the user's: which index, through which proxy, trusted by which authority. */
const pipSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
      name.startsWith('PIP_') && value !== undefined ? [[name, value]] : [],
    ),
  )

async function run(program: string, args: readonly string[], { signal, marker, log }: Doing): Promise<string> {
  const { exitCode, stdout, stderr } = await runProcess(program, args, {
    environment: { ...pipSettings(), ...marker },
    signal,
    timeout: builtIn,
    ...(log && { onStdout: log, onStderr: log }),
  })
  signal.throwIfAborted()
  if (exitCode === 0) return stdout
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' ')
  throw new SlipwayError('playbooks-unusable', `no environment can be made for its requirements: ${said}`, {
    remedy:
      'Look at the log of the stage. Without a package index name a folder with wheels in SLIPWAY_KUBESPRAY_WHEELS (pip download -r requirements.txt makes one); then `slipway resume`.',
  })
}
