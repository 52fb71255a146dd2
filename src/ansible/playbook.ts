import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from '../processes/run.ts'
import { type ForeignPlaybooks, hostPython, playEnvironment } from './environment.ts'
import { eventReader, type HostRecap, type PlaybookEvent, type TaskEvent } from './events.ts'
import { judgeHost, type PlayedHost } from './failures.ts'
import { type HostVariables, type Inventory, withVariables } from './inventory.ts'
import { renderInventoryYaml } from './inventoryFormats.ts'
import { type AnsibleTools, ansibleFolder, findAnsible } from './tools.ts'

/** Ansible's forks, at most. */
export const hostsAtOnce = 50

/** What has to be known before Ansible is loaded. */
export interface PlayStart {
  /** A playbook of ours by its file name (`install_workers.yml`), or another one by its absolute path. */
  readonly playbook: string
  readonly sshConfig: string
  /** Folder in memory (tmpfs), 0700. A folder for this play alone is made in it, and removed. */
  readonly directory: string
  /** The attempt's marker, and whatever else the child is to carry. */
  readonly environment: Readonly<Record<string, string>>
  /** Hosts at the same time. */
  readonly forks: number
  /** Only says what would change. */
  readonly check?: boolean
  readonly colour?: boolean
  readonly signal: AbortSignal
  readonly tools?: AnsibleTools
  readonly foreign?: ForeignPlaybooks
}

/** What a play is to do, on which hosts, and who is told. */
export interface PlayContent {
  readonly inventory: Inventory
  /** Variables for all hosts and by host (these win). May hold secrets: they are written only below `directory`. */
  readonly variables?: { readonly common?: HostVariables; readonly hosts?: Readonly<Record<string, HostVariables>> }
  /** Python on the hosts: `/usr/bin/env SLIPWAY_FENCE=1.7 /var/lib/slipway/python`. Default `/usr/bin/python3`. */
  readonly python?: string
  readonly signal: AbortSignal
  /** Ansible is loaded at once, and reads and does nothing before this is fulfilled; its error ends the play. */
  readonly allowed?: Promise<unknown>
  /** Gets the log for people in the pieces it arrives in. */
  readonly log: (text: string) => void
  readonly onEvent?: (event: PlaybookEvent) => void
  /** `ok`: a failure that the playbook itself has made good is none. Default: it is one. */
  readonly rescued?: 'ok'
}

export interface Play extends Omit<PlayStart, 'forks'>, PlayContent {
  /** Default is all targets, at most `hostsAtOnce`. */
  readonly forks?: number
}

export interface PlaybookResult {
  /** One for every target, in the inventory's order. */
  readonly hosts: readonly PlayedHost[]
  /** Finished tasks in the order they ended, with their times. */
  readonly tasks: readonly TaskEvent[]
}

const longestErrorText = 4000
const inMemory = { mode: 0o600, flag: 'wx' } as const

/** A play of which all is known but what it is to do: Ansible is loaded meanwhile, and reads and does nothing yet. */
export interface StartedPlay {
  /** Fulfilled when its process has ended, however. */
  readonly ended: Promise<unknown>
  /**
   * Says for every target how it went: for batches in which some hosts may fail. Once.
   * @throws SlipwayError `inventory-mismatch` when Ansible sees other hosts than were meant (no task has run then),
   * `playbook-failed` when the playbook itself cannot run; the signal's reason when it was aborted; what `allowed` is
   * rejected with.
   */
  run(play: PlayContent): Promise<PlaybookResult>
}

/**
 * Starts Ansible's process for a playbook. It ends with the signal, and nothing is left of it then.
 * @throws SlipwayError `tool-missing`; the signal's reason when it was aborted.
 */
export async function startPlay(start: PlayStart): Promise<StartedPlay> {
  start.signal.throwIfAborted()
  const tools = start.foreign?.tools ?? start.tools ?? (await findAnsible())
  const directory = await mkdtemp(join(start.directory, 'play-'))
  const stop = new AbortController()
  const seen = observer()
  const content: { now: PlayContent | null } = { now: null }
  const word = Promise.withResolvers<boolean>()
  const settings = {
    directory,
    sshConfig: start.sshConfig,
    forks: start.forks,
    colour: start.colour ?? false,
    ...(start.foreign && { foreign: start.foreign }),
  }
  const playbook = isAbsolute(start.playbook) ? start.playbook : join(ansibleFolder, start.playbook)
  const inventory = ['-i', join(directory, 'inventory.yml')]
  const process = runProcess(
    tools.python,
    // -I: nothing of the user's Python settings; -B: the installed package may be read-only.
    ['-I', '-B', join(ansibleFolder, 'run.py'), ...inventory, ...(start.check ? ['--check'] : []), playbook],
    {
      environment: { ...start.environment, ...playEnvironment(settings) },
      signal: AbortSignal.any([start.signal, stop.signal]),
      maxOutput: longestErrorText,
      stdin: pipe => void word.promise.then(isAllowed => (isAllowed ? pipe.end('go\n') : pipe.end())),
      onStdout: text => content.now?.log(text),
      onStderr: text => content.now?.log(text),
      onFd3: eventReader(event => seen.event(event, content.now?.onEvent)),
    },
  )
  const remove = () => rm(directory, { recursive: true, force: true })
  let isOver = false
  // One that is never run ends when its signal says so, and nobody asks how.
  const ended = process
    .catch(() => {})
    .then(() => {
      isOver = true
      return content.now ? undefined : remove()
    })
  return {
    ended,
    async run(play) {
      content.now = play
      const allowed = play.allowed ?? Promise.resolve()
      // It may be rejected while nobody looks: before the process runs, or after the play has failed by itself.
      allowed.catch(() => {})
      const abort = () => stop.abort(play.signal.reason)
      play.signal.addEventListener('abort', abort, { once: true })
      try {
        play.signal.throwIfAborted()
        // One that has ended by itself says why.
        if (!isOver) await writeFiles(directory, play)
        allowed.then(
          () => word.resolve(true),
          () => word.resolve(false),
        )
        const { exitCode, stderr } = await process
        play.signal.throwIfAborted()
        start.signal.throwIfAborted()
        await allowed
        return resultOf(start.playbook, play, seen, { exitCode, stderr })
      } catch (error) {
        abort()
        throw error
      } finally {
        play.signal.removeEventListener('abort', abort)
        await ended
        await remove()
      }
    },
  }
}

/** Starts a play and runs it. @throws as `startPlay` and its `run` do. */
export async function playHosts(play: Play): Promise<PlaybookResult> {
  // It may be rejected while nobody looks.
  play.allowed?.catch(() => {})
  const forks = play.forks ?? forksFor(play.inventory.targets.length)
  const started = await startPlay({ ...play, forks })
  return started.run(play)
}

export const forksFor = (hosts: number): number => Math.max(1, Math.min(hostsAtOnce, hosts))

async function writeFiles(
  directory: string,
  { inventory, variables, python = '/usr/bin/python3' }: PlayContent,
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

function resultOf(
  playbook: string,
  play: PlayContent,
  seen: Seen,
  { exitCode, stderr }: { readonly exitCode: number | null; readonly stderr: string },
): PlaybookResult {
  if (seen.differences)
    throw new SlipwayError('inventory-mismatch', seen.differences.join('; '), { facts: { playbook } })
  const hosts = play.inventory.targets.map(host =>
    judgeHost(host, seen.recaps[host] ?? null, seen.failures.get(host), play.rescued),
  )
  if (exitCode !== 0 && !hosts.some(host => host.error && host.outcome !== 'skipped'))
    throw new SlipwayError('playbook-failed', brokenPlaybook(playbook, exitCode, stderr))
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
  readonly event: (event: PlaybookEvent, tell: PlayContent['onEvent']) => void
}

function observer(): Seen {
  const seen: Seen = {
    differences: undefined,
    recaps: {},
    failures: new Map(),
    tasks: [],
    event: (event, tell) => {
      if (event.event === 'inventory-mismatch') seen.differences = event.differences
      if (event.event === 'stats') seen.recaps = event.hosts
      if (event.event === 'task' && event.outcome !== 'start') {
        seen.tasks.push(event)
        if (event.outcome === 'failed' || event.outcome === 'unreachable') seen.failures.set(event.host, event)
      }
      tell?.(event)
    },
  }
  return seen
}
