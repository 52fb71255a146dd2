import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../processes/cacheFolder.ts'
import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from '../processes/run.ts'

/** Playbooks, modules and templates; beside `src` in a checkout, beside `dist` in the package. */
export const ansibleFolder = fileURLToPath(new URL('../../ansible', import.meta.url))

export interface AnsibleTools {
  /** The Python that has ansible-core. */
  readonly python: string
  /** Folder with ansible-playbook and ansible-inventory. */
  readonly bin: string
}

/** What the callback and the result fields are made for and tested with. */
const wantedVersion = /^2\.18\./

/**
 * Finds ansible-core: SLIPWAY_ANSIBLE (a `bin` folder), else the virtual environment that the set-up made for this
 * very list of packages, else PATH.
 * @throws SlipwayError `tool-missing`
 */
export async function findAnsible(environment: NodeJS.ProcessEnv = process.env): Promise<AnsibleTools> {
  const named = environment.SLIPWAY_ANSIBLE
  if (named) return checked(named)
  const ours = await cachedFolder(environment)
  if (await exists(join(ours, 'ansible-playbook'))) return { bin: ours, python: join(ours, 'python') }
  for (const folder of (environment.PATH ?? '').split(delimiter))
    if (folder && (await exists(join(folder, 'ansible-playbook')))) return checked(folder)
  throw new SlipwayError('tool-missing', 'ansible-core 2.18 is not installed', {
    remedy: 'Run scripts/setup, or name the bin folder of an ansible-core 2.18 in SLIPWAY_ANSIBLE.',
  })
}

async function cachedFolder(environment: NodeJS.ProcessEnv): Promise<string> {
  const packages = await readFile(join(ansibleFolder, 'requirements.txt'))
  const hash = createHash('sha256').update(packages).digest('hex').slice(0, 16)
  return join(cacheFolder(environment), `ansible-${hash}`, 'bin')
}

/** An installation that is not ours: its Python comes from the script's first line, its version is asked. */
async function checked(bin: string): Promise<AnsibleTools> {
  const script = join(bin, 'ansible-playbook')
  const wrong = (reason: string, cause?: unknown) =>
    new SlipwayError('tool-missing', `${script}: ${reason}`, {
      remedy: 'Name the bin folder of an ansible-core 2.18 in SLIPWAY_ANSIBLE, or run scripts/setup.',
      ...(cause !== undefined && { cause }),
    })
  const text = await readFile(script, 'utf8').catch((error: unknown) => {
    throw wrong('cannot be read', error)
  })
  const python = /^#!(\S+)/.exec(text)?.[1]
  if (!python || dirname(python) === '.') throw wrong('does not name its Python')
  const asked = await runProcess(python, ['-I', '-c', 'import ansible.release as r; print(r.__version__)'], {
    environment: {},
    timeout: 30_000,
  }).catch((error: unknown) => {
    throw wrong(`its Python ${python} cannot be started`, error)
  })
  if (asked.exitCode !== 0) throw wrong('its Python has no ansible', new Error(asked.stderr || asked.end))
  const version = asked.stdout.trim()
  if (!wantedVersion.test(version)) throw wrong(`ansible-core ${version} is there, 2.18 is needed`)
  return { bin, python }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
