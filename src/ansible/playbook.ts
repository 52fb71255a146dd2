import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from '../processes/run.ts'
import { hostPython, playEnvironment } from './environment.ts'
import { eventReader, type HostRecap, type PlaybookEvent, type TaskEvent } from './events.ts'
import { judgeHost, type PlayedHost } from './failures.ts'
import { type HostVariables, type Inventory, withVariables } from './inventory.ts'
import { renderInventoryYaml } from './inventoryFormats.ts'
import { type AnsibleTools, ansibleFolder, findAnsible } from './tools.ts'

/** Ansible's forks, at most. */
export const hostsAtOnce = 50

export interface Play {
  /** A playbook of ours by its file name (`install_workers.yml`), or another one by its absolute path. */
  readonly playbook: string
  readonly inventory: Inventory
  /** Variables for all hosts and by host (these win). May hold secrets: they are written only below `directory`. */
  readonly variables?: { readonly common?: HostVariables; readonly hosts?: Readonly<Record<string, HostVariables>> }
  /** Python on the hosts: `/usr/bin/env SLIPWAY_FENCE=1.7 /var/lib/slipway/python`. Default `/usr/bin/python3`. */
  readonly python?: string
  readonly sshConfig: string
  /** Folder in memory (tmpfs), 0700. A folder for this play alone is made in it, and removed. */
  readonly directory: string
  /** The attempt's marker, and whatever else the child is to carry. */
  readonly environment: Readonly<Record<string, string>>
  /** Hosts at the same time; default is all targets, at most `hostsAtOnce`. */
  readonly forks?: number
  /** Only says what would change. */
  readonly check?: boolean
  readonly colour?: boolean
  readonly signal: AbortSignal
  /** Ansible is loaded at once, and reads and does nothing before this is fulfilled; its error ends the play. */
  readonly allowed?: Promise<unknown>
  /** Gets the log for people in the pieces it arrives in. */
  readonly log: (text: string) => void
  readonly onEvent?: (event: PlaybookEvent) => void
  readonly tools?: AnsibleTools
}

export interface PlaybookResult {
  /** One for every target, in the inventory's order. */
  readonly hosts: readonly PlayedHost[]
  /** Finished tasks in the order they ended, with their times. */
  readonly tasks: readonly TaskEvent[]
}

const longestErrorText = 4000
const inMemory = { mode: 0o600, flag: 'wx' } as const

/**
 * Runs a playbook and says for every target how it went: for batches in which some hosts may fail.
 * @throws SlipwayError `inventory-mismatch` when Ansible sees other hosts than were meant (no task has run then),
 * `tool-missing`, `playbook-failed` when the playbook itself cannot run; the signal's reason when it was aborted; what
 * `allowed` is rejected with.
 */
export async function playHosts(play: Play): Promise<PlaybookResult> {
  // It may be rejected while nobody looks: before the process runs, or after the play has failed by itself.
  play.allowed?.catch(() => {})
  play.signal.throwIfAborted()
  const tools = play.tools ?? (await findAnsible())
  const directory = await mkdtemp(join(play.directory, 'play-'))
  try {
    await writeFiles(directory, play)
    return await runIn(directory, play, tools)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function writeFiles(
  directory: string,
  { inventory, variables, python = '/usr/bin/python3' }: Play,
): Promise<void> {
  const { path, environment } = hostPython(python)
  const common = { ...variables?.common, ansible_python_interpreter: path }
  const full = withVariables(inventory, common, variables?.hosts)
  const expected = {
    hosts: Object.fromEntries(inventory.hosts.map(host => [host.name, host.variables])),
    groups: inventory.groups,
    targets: inventory.targets,
    environment,
  }
  await writeFile(join(directory, 'inventory.yml'), renderInventoryYaml(full), inMemory)
  await writeFile(join(directory, 'expected.json'), JSON.stringify(expected), inMemory)
}

async function runIn(directory: string, play: Play, tools: AnsibleTools): Promise<PlaybookResult> {
  const seen = observer(play)
  const forks = play.forks ?? Math.max(1, Math.min(hostsAtOnce, play.inventory.targets.length))
  const settings = { directory, sshConfig: play.sshConfig, forks, colour: play.colour ?? false }
  const playbook = isAbsolute(play.playbook) ? play.playbook : join(ansibleFolder, play.playbook)
  const inventory = ['-i', join(directory, 'inventory.yml')]
  const allowed = play.allowed ?? Promise.resolve()
  const { exitCode, stderr } = await runProcess(
    tools.python,
    // -I: nothing of the user's Python settings; -B: the installed package may be read-only.
    ['-I', '-B', join(ansibleFolder, 'run.py'), ...inventory, ...(play.check ? ['--check'] : []), playbook],
    {
      environment: { ...play.environment, ...playEnvironment(settings) },
      signal: play.signal,
      maxOutput: longestErrorText,
      stdin: pipe => {
        allowed.then(
          () => pipe.end('go\n'),
          () => pipe.end(),
        )
      },
      onStdout: play.log,
      onStderr: play.log,
      onFd3: eventReader(seen.event),
    },
  )
  play.signal.throwIfAborted()
  await allowed
  if (seen.differences)
    throw new SlipwayError('inventory-mismatch', seen.differences.join('; '), { facts: { playbook: play.playbook } })
  const hosts = play.inventory.targets.map(host => judgeHost(host, seen.recaps[host] ?? null, seen.failures.get(host)))
  if (exitCode !== 0 && !hosts.some(host => host.error && host.outcome !== 'skipped'))
    throw new SlipwayError('playbook-failed', brokenPlaybook(play.playbook, exitCode, stderr))
  return { hosts, tasks: seen.tasks }
}

const brokenPlaybook = (playbook: string, exitCode: number | null, errorText: string): string =>
  `${playbook} ended ${exitCode === null ? 'by a signal' : `with ${exitCode}`}: ${errorText.trim() || 'no message'}`

/** What the result is made of, kept while events pass through. */
interface Seen {
  differences: readonly string[] | undefined
  recaps: Readonly<Record<string, HostRecap>>
  readonly failures: Map<string, TaskEvent>
  readonly tasks: TaskEvent[]
  readonly event: (event: PlaybookEvent) => void
}

function observer(play: Play): Seen {
  const seen: Seen = {
    differences: undefined,
    recaps: {},
    failures: new Map(),
    tasks: [],
    event: event => {
      if (event.event === 'inventory-mismatch') seen.differences = event.differences
      if (event.event === 'stats') seen.recaps = event.hosts
      if (event.event === 'task' && event.outcome !== 'start') {
        seen.tasks.push(event)
        if (event.outcome === 'failed' || event.outcome === 'unreachable') seen.failures.set(event.host, event)
      }
      play.onEvent?.(event)
    },
  }
  return seen
}
