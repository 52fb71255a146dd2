import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from '../processes/run.ts'
import { findAnsible } from '../ansible/tools.ts'

/** A playbook of the user's own, on one host of an inventory of theirs, with their settings of Ansible. */
interface OwnPlay {
  readonly playbook: string
  readonly inventory: string
  readonly host: string
  /** May be seen by whoever may see the folder of temporary files of this user. */
  readonly variables: Readonly<Record<string, string | boolean>>
  readonly log: (text: string) => void
  readonly signal: AbortSignal
}

/** What is ours, and what no playbook needs to see. */
const ours = /^(SLIPWAY_|DATABASE_URL$|NODE_)/

/**
 * Runs it to its end.
 * @throws SlipwayError `playbook-failed`, also where it has done nothing on the host: Ansible ends with 0 then; `tool-missing`.
 */
export async function runOwnPlaybook(play: OwnPlay): Promise<void> {
  const { playbook, inventory, host, variables, log, signal } = play
  const { bin, python } = await findAnsible()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-play-'))
  const failed = (why: string) =>
    new SlipwayError('playbook-failed', `${playbook} on ${host}: ${why}`, {
      remedy: 'Read what Ansible says above, fix the playbook or the machine, and run it again.',
      facts: { machine: host },
    })
  try {
    const extra = join(folder, 'variables.json')
    await writeFile(extra, JSON.stringify(variables), { mode: 0o600 })
    const given = Object.keys(variables).length > 0 ? ['-e', `@${extra}`] : []
    const ended = await runProcess(
      python,
      [join(bin, 'ansible-playbook'), '-i', inventory, playbook, '--limit', host, ...given],
      { environment: { ...usersEnvironment(), ...flags }, onStdout: log, onStderr: log, signal },
    )
    signal.throwIfAborted()
    if (ended.exitCode !== 0) throw failed(`ansible-playbook ended with ${ended.exitCode ?? 'a signal'}`)
    const recap = recapOf(stripVTControlCharacters(ended.stdout), host)
    if (recap === null) throw failed('it has done nothing there: none of its plays is for this host or a group of it')
    if (recap.unreachable > 0 || recap.failed > 0) throw failed('a task has failed, or the host was lost')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const flags = {
  // Its closing lines are what tells whether anything was done.
  ANSIBLE_STDOUT_CALLBACK: 'ansible.builtin.default',
  ANSIBLE_INVENTORY_UNPARSED_FAILED: '1',
  ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1',
}

const usersEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || ours.test(name) ? [] : [[name, value]],
    ),
  )

/** `vm : ok=2 changed=1 unreachable=0 failed=0 …`; null: the host had no task. Pure. */
export function recapOf(text: string, host: string): { readonly unreachable: number; readonly failed: number } | null {
  const lines = text.slice(Math.max(text.lastIndexOf('PLAY RECAP'), 0)).split('\n')
  for (const line of lines) {
    const [, name, unreachable, failed] = /^(\S+)\s*: ok=\d+ .*\bunreachable=(\d+)\s+failed=(\d+)/.exec(line) ?? []
    if (name === host) return { unreachable: Number(unreachable), failed: Number(failed) }
  }
  return null
}
