import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from './address.ts'
import type { Preparation } from './profile-rules.ts'

/** What the rules for settings ask of the machine. Undefined is what is not known of it; then nothing is refused for it. */
export interface Machine {
  /** All addresses of its interfaces. */
  addresses?: readonly string[]
  /** Those that it is reached under where `node-ip` names none, one a family, IPv4 first. */
  primary?: readonly string[]
  preparation?: Preparation
  /** Control group controllers at the root. */
  controllers?: readonly string[]
}

export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const usable = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const first = (family: string) => usable.find(address => address.family === family)?.address
  const primary = [first('IPv4'), hasDefaultRoute6() ? first('IPv6') : undefined]
  return {
    addresses: addresses.map(({ address }) => address).filter(address => parseAddress(address) !== undefined),
    primary: primary.filter(address => address !== undefined),
    preparation: {
      users: namesIn('/etc/passwd'),
      groups: namesIn('/etc/group'),
      parameters: declaredKernelParameters(),
    },
    ...controllersIn('/sys/fs/cgroup/cgroup.controllers'),
  }
}

/** A route to everywhere over another interface than the loopback. */
function hasDefaultRoute6(): boolean {
  const file = '/proc/net/ipv6_route'
  if (!existsSync(file)) return false
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .some(([target, length, , , , , , , , device]) => /^0+$/.test(target ?? '') && length === '00' && device !== 'lo')
}

function namesIn(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => line.split(':').slice(0, 1))
}

/** A lab host shares its kernel: a machine that has its controllers in hierarchies of version 1 leaves none for it. */
function controllersIn(file: string): Pick<Machine, 'controllers'> {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  return text === '' ? {} : { controllers: text.split(/\s+/) }
}

/** A lab host shares its kernel with the machine, so the parameters are looked for in the sysctl files, not in the kernel. */
function declaredKernelParameters(): Map<string, string> {
  const declared = new Map<string, string>()
  for (const folder of ['/usr/lib/sysctl.d', '/usr/local/lib/sysctl.d', '/etc/sysctl.d']) {
    if (!existsSync(folder)) continue
    for (const file of readdirSync(folder).toSorted()) {
      for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
        const match = /^\s*-?([\w.]+)\s*=\s*(\S+)\s*$/.exec(line)
        if (match?.[1] !== undefined && match[2] !== undefined) declared.set(match[1], match[2])
      }
    }
  }
  return declared
}
