import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { stringify } from 'yaml'
import type { LabDescription } from '../../lab/description.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabOptions } from '../../lab/shape.ts'
import { type Fault, labFault } from '../labFault.ts'
import { type RunningServer, untilListening } from '../listening.ts'
import { seedDatabase } from '../store/databaseTemplate.ts'
import { removeDataFolder } from '../store/removeDataFolder.ts'

/** What the tests of whole installations share: a lab, a data folder, and the command line as a user types it. */

const root = resolve(import.meta.dirname, '../..')
export const slipwayCommand = join(root, 'bin/slipway')

/** The lab's kubectl, built for this machine. */
export const kubectl = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'slipway/lab/kubernetes/bin/kubectl',
)

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end; never throws for its exit code. */
export async function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Finished> {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: typeof code === 'number' ? code : -1, stdout, stderr }
}

export interface InstallLab {
  readonly name: string
  /** All that `lab up` printed. */
  readonly description: LabDescription
  readonly artifactUrl: string
  readonly keyFile: string
  address(host: string): string
  /** Runs a shell command in a host as root. @throws Error when the host is off. */
  exec(host: string, command: string): Promise<Finished>
  /** What a shell command prints on a host, without spaces at its ends. @throws Error when it ends with another code than 0. */
  read(host: string, command: string): Promise<string>
  fault(fault: Fault, host: string, path?: string): Promise<void>
  down(): Promise<void>
}

export async function labUp(
  name: string,
  hosts: readonly string[],
  options: Pick<LabOptions, 'ipv6' | 'behindJump'> = {},
): Promise<InstallLab> {
  const lab = await Lab.up({ name, hosts, ...options })
  const description = lab.describe()
  const exec = async (host: string, command: string) => {
    const { stdout, stderr, exitCode } = await lab.exec(host, command)
    if (exitCode === 255) throw new Error(stderr)
    return { code: exitCode, stdout, stderr }
  }
  return {
    name,
    description,
    artifactUrl: description.artifact_url ?? '',
    keyFile: description.hosts[0]?.key_file ?? '',
    address: host => lab.host(host).address,
    exec,
    async read(host, command) {
      const { code, stdout, stderr } = await exec(host, command)
      if (code !== 0) throw new Error(`${host}: ${command}: ended with ${code}: ${stderr}`)
      return stdout.trim()
    },
    fault: (fault, host, path) => labFault(lab, fault, host, path),
    down: () => lab.down(),
  }
}

export interface ClusterOptions {
  readonly name?: string
  readonly servers: readonly string[]
  readonly workers?: readonly string[]
  readonly version?: string
  /** Merged over `spec`. */
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A data folder, a cluster file and the command line over them. */
export interface Site extends AsyncDisposable {
  readonly home: string
  readonly file: string
  readonly cluster: string
  slipway(...args: readonly string[]): Promise<Finished>
  /** As `slipway`, but fails the test with what was printed when the exit code is not 0. */
  done(...args: readonly string[]): Promise<string>
  serve(): Promise<RunningServer>
  /** Starts a command and hands over the child, for tests that interrupt it. */
  start(...args: readonly string[]): ChildProcess
  write(options: ClusterOptions): Promise<void>
}

export async function openSite(
  lab: InstallLab,
  options: ClusterOptions,
  environment: NodeJS.ProcessEnv = {},
): Promise<Site> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-site-'))
  await seedDatabase(home, 'migrated')
  const file = join(home, 'cluster.yaml')
  const cluster = options.name ?? 'demo'
  const variables = { ...process.env, ...environment, SLIPWAY_HOME: home, NO_COLOR: '1' }
  const write = (wanted: ClusterOptions) => writeFile(file, stringify(clusterDocument(lab, cluster, wanted)))
  await write(options)
  const start = (...args: readonly string[]) =>
    spawn(slipwayCommand, args, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] })
  const slipway = (...args: readonly string[]) => run(slipwayCommand, args, variables)
  return {
    home,
    file,
    cluster,
    write,
    start,
    slipway,
    async done(...args) {
      const { code, stdout, stderr } = await slipway(...args)
      if (code !== 0) throw new Error(`slipway ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
      return stdout
    },
    async serve() {
      const child = spawn(slipwayCommand, ['serve', '--port', '0', '-o', 'json'], {
        env: variables,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stderr.pipe(createWriteStream(join(home, 'serve.log'), { flags: 'a' }))
      return untilListening(child)
    },
    [Symbol.asyncDispose]: () => removeDataFolder(home),
  }
}

function clusterDocument(lab: InstallLab, name: string, { servers, workers = [], version, spec }: ClusterOptions) {
  const node = (role: string) => (hostname: string) => ({ hostname, internal_ip: lab.address(hostname), role })
  const [initial, ...masters] = servers
  return {
    apiVersion: 'slipway/v1',
    kind: 'Cluster',
    metadata: { name },
    spec: {
      distribution: 'rke2',
      version: version ?? 'v1.34.1+rke2r1',
      artifact_url: lab.artifactUrl,
      ssh: { user: 'root', key_file: lab.keyFile },
      nodes: [
        ...(initial === undefined ? [] : [initial]).map(node('initial_master')),
        ...masters.map(node('master')),
        ...workers.map(node('worker')),
      ],
      ...spec,
    },
  }
}
