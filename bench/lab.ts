import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { Lab } from '../lab/lab.ts'
import { slipway } from './server.ts'

/** Hosts of a lab for one measurement, and a data folder with a cluster file over them. */
export interface MeasuredSite {
  readonly lab: Lab
  readonly home: string
  readonly file: string
  /** Runs slipway on this data folder; rejects with what it said when it fails. */
  slipway(...args: readonly string[]): Promise<string>
}

export const version = 'v1.34.1+rke2r1'

/** Boots hosts for `work` alone and takes them down afterwards; the first `servers` of the names are servers. */
export async function withSite<Result>(
  name: string,
  hosts: readonly string[],
  servers: number,
  work: (site: MeasuredSite) => Promise<Result>,
): Promise<Result> {
  const lab = await Lab.up({ name: `${name}-${process.pid}`, hosts: [...hosts] })
  const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const file = join(home, 'cluster.yaml')
    await writeFile(file, stringify(clusterDocument(lab, hosts, servers)))
    return await work({
      lab,
      home,
      file,
      slipway: (...args) => output(slipway, args, { ...process.env, SLIPWAY_HOME: home }),
    })
  } finally {
    await lab.down()
    await rm(home, { recursive: true, force: true })
  }
}

function clusterDocument(lab: Lab, hosts: readonly string[], servers: number) {
  const { hosts: described, artifact_url } = lab.describe()
  const address = (name: string) => described.find(host => host.name === name)?.address
  const role = (index: number) => (index === 0 ? 'initial_master' : index < servers ? 'master' : 'worker')
  return {
    apiVersion: 'slipway/v1',
    kind: 'Cluster',
    metadata: { name: 'bench' },
    spec: {
      distribution: 'rke2',
      version,
      artifact_url,
      ssh: { user: 'root', key_file: described[0]?.key_file },
      nodes: hosts.map((hostname, index) => ({ hostname, internal_ip: address(hostname), role: role(index) })),
    },
  }
}

/** What a command prints; rejects with its error output when it ends with something else than 0. */
export async function output(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const pieces: string[] = []
  const errors: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => pieces.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}: ${errors.join('').slice(-2000)}`)
  return pieces.join('')
}
