import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { Lab } from '../../lab/lab.ts'
import type { HostTarget, JumpHost } from '../../src/hosts/target.ts'

const command = join(import.meta.dirname, '../../lab/lab')
const call = promisify(execFile)
const labHost = z.object({
  name: z.string(),
  address: z.string(),
  address6: z.string().optional(),
  user: z.string(),
  port: z.int(),
  key_file: z.string(),
})
const labReply = z.object({
  hosts: z.array(labHost),
  jump: labHost.optional(),
  sudo_user: z.string(),
  sudo_password_file: z.string(),
  artifact_url: z.string().nullable(),
})

/** Lab hosts as targets of this room. */
export interface LabHosts {
  readonly hostnames: readonly string[]
  readonly identity: string
  readonly sudoUser: string
  readonly sudoPassword: string
  readonly jump: JumpHost | undefined
  /** Where the lab serves releases of its rke2. */
  readonly releases: string
  address6(host: string): string
  /** Logs in as root with the lab's key. */
  target(host: string, overrides?: Partial<HostTarget>): HostTarget
  /** What a shell command prints in a host, as root, outside of what is tested. @throws Error when it fails. */
  exec(host: string, line: string): Promise<string>
  /** A fault: `kill`, `boot`, `freeze`, `partition` … */
  fault(verb: string, ...rest: readonly string[]): Promise<void>
  down(): Promise<void>
}

const run = async (...args: readonly string[]) =>
  (await call(command, args, { maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' })).stdout

export async function bootLab(prefix: string, hosts: number, ...options: readonly string[]): Promise<LabHosts> {
  // Labs are known by name to all checkouts of this machine.
  const name = `${prefix}-${process.pid}`
  const up = await run('up', '--name', name, '--hosts', `${hosts}`, '--owner-pid', `${process.pid}`, ...options)
  const lab = labReply.parse(JSON.parse(up))
  const find = (host: string) => {
    const found = lab.hosts.find(one => one.name === host)
    if (!found) throw new Error(`the lab has no host ${host}`)
    return found
  }
  const identity = readFileSync(find('h1').key_file, 'utf8')
  return {
    hostnames: lab.hosts.map(host => host.name),
    identity,
    sudoUser: lab.sudo_user,
    sudoPassword: readFileSync(lab.sudo_password_file, 'utf8').trim(),
    jump: lab.jump && { host: lab.jump.address, port: lab.jump.port, user: lab.jump.user, identity },
    releases: lab.artifact_url ?? '',
    address6: host => find(host).address6 ?? '',
    target: (host, overrides) => {
      const { address, port, user } = find(host)
      return { hostname: host, address, port, user, identity, sudo: false, jump: [], ...overrides }
    },
    async exec(host, line) {
      const { stdout, stderr, exitCode } = await Lab.open(name).exec(host, line)
      if (exitCode === 0) return stdout
      throw new Error(`${line} on ${host} ended with ${exitCode}: ${stderr}`)
    },
    async fault(verb, ...rest) {
      await run(verb, name, ...rest)
    },
    async down() {
      await run('down', '--name', name)
    },
  }
}
