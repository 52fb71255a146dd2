import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { asksForAgent, type Config, type Machine, modulesOf, type Step } from './modules.ts'
import { quoted, written } from './shell.ts'
import { readUserData, type UserData } from './userData.ts'

/**
 * cloud-init in a lab host. What is to be done is made into scripts beforehand, since a host has no reader of YAML; the
 * command `cloud-init` in it (files/) does them at the first boot, in the order, with the files and in the words of the real one.
 */

export interface Seed {
  /** The provider's name of the machine. */
  readonly hostname: string
  /** Of the user that the image brings. */
  readonly defaultUser: string
  readonly userData: string
  /** Of root, given by the provider. */
  readonly rootKeys: readonly string[]
}

/** What comes of user data: the steps, and what the log says of parts that can't be used. */
export function cloudInitOf(seed: Seed): { steps: readonly Step[]; problems: readonly string[]; agent: boolean } {
  const data = readUserData(seed.userData)
  const machine: Machine = { ...seed, name: seed.defaultUser, keys: [] }
  const config: Config = data.kind === 'config' ? data.config : {}
  const problems = data.kind === 'none' && data.problem !== null ? [data.problem] : []
  const steps: Step[] = []
  for (const { name, stage, script } of modulesOf(config, machine)) {
    try {
      steps.push({ name, stage, script: script() })
    } catch (error) {
      problems.push(`Running module ${name} failed: ${wordsOf(error)}`)
    }
  }
  return { steps: [...steps, ...scriptOf(data)], problems, agent: asksForAgent(config) }
}

const scriptOf = (data: UserData): Step[] =>
  data.kind === 'script'
    ? [
        {
          name: 'scripts_user',
          stage: 'final',
          script: `${written(Buffer.from(data.script), '> "$script"')}\nchmod 700 "$script"\n"$script"`,
        },
      ]
    : []

function wordsOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

/** Writes the files that a fresh disk is given, as a tree below `folder`. */
export function writeCloudInit(folder: string, seed: Seed): void {
  const { steps, problems } = cloudInitOf(seed)
  const put = (path: string, content: string, mode = 0o600) => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { mode })
  }
  cpSync(join(import.meta.dirname, 'files'), folder, { recursive: true })
  const wants = join(folder, 'etc/systemd/system/multi-user.target.wants')
  mkdirSync(wants, { recursive: true })
  for (const unit of ['cloud-init.service', 'cloud-final.service']) symlinkSync(`../${unit}`, join(wants, unit))
  put('var/lib/cloud/instance/user-data.txt', seed.userData)
  put('var/lib/cloud/lab/problems', problems.map(problem => `${problem}\n`).join(''))
  for (const [index, { name, stage, script }] of steps.entries()) {
    const order = String(index + 10)
    put(`var/lib/cloud/lab/${stage}/${order}-${name}`, `# ${quoted(name)}\n${script}\n`)
  }
}
