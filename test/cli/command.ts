import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { builtProgram } from '../builtProgram.ts'
import { type RunningServer, untilListening } from '../listening.ts'
import { seedDatabase } from '../store/databaseTemplate.ts'
import { endDatabase } from '../store/removeDataFolder.ts'

export const slipwayCommand = resolve(import.meta.dirname, '../../bin/slipway')

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder with a data folder in it, in which the command line is run as a user does. */
export interface Desk extends AsyncDisposable {
  readonly folder: string
  readonly home: string
  /** Where the machines are, for `machines: 'folders'`: a folder a machine. */
  readonly world: string
  readonly environment: NodeJS.ProcessEnv
  /** Runs a command to its end; `input` is written to its standard input. */
  slipway(args: readonly string[], input?: string): Promise<Ended>
  /** Runs a line of bash to its end, in which `"$@"` is the command line. */
  shell(line: string): Promise<Ended>
  start(args: readonly string[]): ChildProcessByStdio<Writable, Readable, Readable>
  /** Folders in memory that commands and servers of this desk have now. */
  memoryFolders(): Promise<string[]>
  /** Starts a command on a terminal of 100 columns and 30 rows. */
  onTerminal(args: readonly string[], term?: string): Terminal
  /** Starts `slipway serve` on the data folder and returns when it is ready. */
  serve(): Promise<RunningServer>
}

export interface Terminal {
  /** All that was shown so far, escape sequences included. */
  shown(): string
  /** Presses keys; `\u0003` is Ctrl-C. */
  press(keys: string): void
  /** The process of the command. */
  pid(): number
  /** Closes the window. */
  hangUp(): void
  /** The exit code, once the command has ended. */
  readonly ended: Promise<number>
}

export interface DeskOptions {
  readonly environment?: NodeJS.ProcessEnv
  readonly machines?: 'real' | 'folders'
}

export async function openDesk({ environment = {}, machines = 'real' }: DeskOptions = {}): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-desk-'))
  const home = join(folder, 'home')
  const world = join(folder, 'world')
  await mkdir(world)
  if (machines === 'folders') {
    await mkdir(home, { mode: 0o700 })
    await seedDatabase(home, 'migrated')
  }
  const memory = await mkdtemp('/dev/shm/desk-')
  const variables = {
    ...process.env,
    NO_COLOR: '1',
    CI: '',
    ...environment,
    SLIPWAY_HOME: home,
    SLIPWAY_TEST_WORLD: world,
    XDG_RUNTIME_DIR: memory,
  }
  const [command, before]: [string, string[]] =
    // The same with stages whose machines are folders.
    machines === 'real' ? [slipwayCommand, []] : [process.execPath, [builtProgram('slipway.js')]]
  const running = new Set<ChildProcess>()
  const start = (args: readonly string[]) => {
    const child = spawn(command, [...before, ...args], { cwd: folder, env: variables, stdio: ['pipe', 'pipe', 'pipe'] })
    return kept(child)
  }
  /** A test that fails leaves nothing running. */
  const kept = <Child extends ChildProcess>(child: Child): Child => {
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }
  return {
    folder,
    home,
    world,
    environment: variables,
    start: args => start(args),
    onTerminal(args, term = 'xterm') {
      const line = [command, ...before, ...args].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
      // script(1) gives the command a terminal of its own, and its exit code back.
      const child = spawn('script', ['-qefc', `stty cols 100 rows 30; exec ${line}`, '/dev/null'], {
        cwd: folder,
        env: { ...variables, TERM: term },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      kept(child)
      let shown = ''
      child.stdout.on('data', (data: Buffer) => (shown += data.toString()))
      return {
        shown: () => shown,
        press: keys => child.stdin.write(keys),
        pid: () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()),
        hangUp: () => child.kill('SIGKILL'),
        ended: once(child, 'close').then(([code]) => Number(code)),
      }
    },
    async serve() {
      const child = start(['serve', '--port', '0', '-o', 'json'])
      child.stderr.resume()
      return untilListening(child)
    },
    slipway: (args, input) => ended(start(args), input),
    shell(line) {
      const words = ['-c', line, 'bash', command, ...before]
      return ended(kept(spawn('bash', words, { cwd: folder, env: variables, stdio: ['pipe', 'pipe', 'pipe'] })))
    },
    memoryFolders: () => readdir(join(memory, `slipway-${process.getuid?.()}`)).catch(() => []),
    async [Symbol.asyncDispose]() {
      const closed = [...running].map(child => once(child, 'close'))
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(closed)
      await endDatabase(home)
      for (const path of [folder, memory]) await rm(path, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcessByStdio<Writable, Readable, Readable>, input = ''): Promise<Ended> {
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: typeof code === 'number' ? code : -1, stdout, stderr }
}
