import { readFileSync } from 'node:fs'
import { Lab } from '../../lab/lab.ts'
import type { LabOptions } from '../../lab/shape.ts'
import type { HostTarget, JumpHost } from '../../src/hosts/target.ts'
import { on } from '../lab/harness.ts'
import { type Fault, labFault } from '../labFault.ts'

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
  fault(fault: Fault, host: string): Promise<void>
  down(): Promise<void>
}

export async function bootLab(
  prefix: string,
  hosts: number,
  options: Pick<LabOptions, 'ipv6' | 'behindJump'> = {},
): Promise<LabHosts> {
  // Labs are known by name to all checkouts of this machine.
  const lab = await Lab.up({ name: `${prefix}-${process.pid}`, hosts, ...options })
  const { jump, sudo_user, sudo_password_file, artifact_url } = lab.describe()
  const identity = readFileSync(lab.host('h1').key_file, 'utf8')
  return {
    hostnames: lab.hosts.map(host => host.name),
    identity,
    sudoUser: sudo_user,
    sudoPassword: readFileSync(sudo_password_file, 'utf8').trim(),
    jump: jump && { host: jump.address, port: jump.port, user: jump.user, identity },
    releases: artifact_url ?? '',
    address6: host => lab.host(host).address6 ?? '',
    target: (host, overrides) => {
      const { address, port, user } = lab.host(host)
      return { hostname: host, address, port, user, identity, sudo: false, jump: [], ...overrides }
    },
    exec: (host, line) => on(lab, host, line),
    fault: (fault, host) => labFault(lab, fault, host),
    down: () => lab.down(),
  }
}
