import { mostHosts } from './addresses.ts'
import { LabError } from './errors.ts'
import { checkedName, type HostRecord, type LabRecord } from './record.ts'

export interface LabOptions {
  name: string
  /** How many hosts, or their names; none for a lab whose machines are all added. Default: 1. Names default to h1, h2 … */
  hosts?: number | readonly string[]
  /** The lab ends when this process does. Default: the calling process; null: it lives until `down`. */
  ownerPid?: number | null
  /** Take over a lab that belongs to somebody else; it then ends with the new owner. */
  adopt?: boolean
  /** Give the hosts IPv6 addresses too. */
  ipv6?: boolean
  /** Put the hosts on a network that is reached only through one more host, `jump`. */
  behindJump?: boolean
  /** Hosts on which pods really run; kwok stands for that on the others. */
  pods?: boolean
  /** Told what is being done, a line at a time. */
  progress?: (line: string) => void
}

/** The hosts that the options ask for; the jump host first, if there is one. */
export function wantedHosts(options: LabOptions): HostRecord[] {
  const place = options.behindJump ? 'inside' : 'outside'
  const hosts = hostNames(options).map((name, number) => newHost(name, number, place))
  return options.behindJump ? [newHost('jump', 0, 'jump'), ...hosts] : hosts
}

/** An existing lab with the hosts that are asked for: it can grow, but not shrink or change its shape. */
export function extended(lab: LabRecord, options: LabOptions): LabRecord {
  const wanted = wantedHosts(options)
  const refuse = (what: string): LabError =>
    new LabError(`lab ${lab.name} exists ${what}`, `Take it down first: lab/lab down --name ${lab.name}`, {
      exitCode: 2,
    })
  const own = lab.hosts.filter(host => !host.guest)
  if (wanted[0]?.place !== own[0]?.place) throw refuse(`${options.behindJump ? 'without' : 'behind'} a jump host`)
  if (options.ipv6 && !lab.network6) throw refuse('without IPv6')
  if (options.pods && lab.pods === null) throw refuse('without real pods')
  if (own.some((host, index) => host.name !== wanted[index]?.name)) {
    throw refuse(`with other hosts: ${own.map(host => host.name).join(', ')}`)
  }
  const added = wanted.slice(own.length)
  const taken = added.find(host => lab.hosts.some(other => other.name === host.name || isBeside(other, host)))
  if (taken) throw refuse(`with a machine that has the name or the address of ${taken.name}`)
  return { ...lab, hosts: [...lab.hosts, ...added] }
}

const isBeside = (one: HostRecord, other: HostRecord): boolean =>
  one.place === other.place && one.number === other.number

export const newHost = (name: string, number: number, place: HostRecord['place']): HostRecord => {
  return { name, number, place, island: null, kbit: null, delay: null, guest: false }
}

function hostNames(options: LabOptions): string[] {
  const { hosts = 1 } = options
  const names = typeof hosts === 'number' ? Array.from({ length: hosts }, (_, index) => `h${index + 1}`) : [...hosts]
  const most = mostHosts(options.behindJump ?? false)
  if (names.length > most) {
    throw new LabError(`a lab has 0 to ${most} hosts, not ${names.length}`, 'Give --hosts N.', { exitCode: 2 })
  }
  const reserved = options.behindJump ? ['jump', 'localhost'] : ['localhost']
  for (const [index, name] of names.entries()) {
    checkedName(name, 'host')
    if (names.indexOf(name) === index && !reserved.includes(name)) continue
    throw new LabError(`the host name ${name} is taken`, 'Give each host a name of its own.', { exitCode: 2 })
  }
  return names
}
