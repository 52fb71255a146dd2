import { Refused } from './refusal.ts'

/** What the CIS profile and the kubelet ask of a machine. */
export interface Preparation {
  /** Names in /etc/passwd and /etc/group. */
  users: readonly string[]
  groups: readonly string[]
  /** Kernel parameters and their values. */
  parameters: ReadonlyMap<string, string>
}

const kernelParameters: Record<string, string> = {
  'vm.panic_on_oom': '0',
  'vm.overcommit_memory': '1',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
}

/** `v1.34.1+rke2r1` → 34. */
export function minorOf(version: string): number {
  return Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? Number.NaN)
}

/** The profiles that a release knows: those with a number of their benchmark ended with 1.30. */
function profilesOf(version: string): string[] {
  const minor = minorOf(version)
  return ['cis', 'etcd', ...(minor < 30 ? ['cis-1.23'] : []), ...(minor < 25 ? ['cis-1.5', 'cis-1.6'] : [])]
}

/** Throws Refused for a profile that the release does not know, or for which the machine lacks something. */
export function checkProfile(
  profile: string | undefined,
  role: 'server' | 'agent',
  version: string,
  machine: Preparation | undefined,
  /** `protect-kernel-defaults` as it is given. */
  protection?: boolean,
): void {
  if (profile === undefined) return
  if (!profilesOf(version).includes(profile)) throw new Refused('invalid value provided for --profile flag')
  if (profile !== 'etcd') {
    for (const [name, expected] of machine === undefined ? [] : Object.entries(kernelParameters)) {
      const value = machine?.parameters.get(name) ?? ''
      if (value !== expected)
        throw new Refused(`invalid kernel parameter value ${name}=${value} - expected ${expected}`)
    }
    if (protection === false)
      throw new Refused(`--protect-kernel-defaults must be true when using --profile=${profile}`)
  }
  if (machine === undefined) return
  // etcd runs on servers only.
  if (role === 'agent') return
  if (!machine.users.includes('etcd')) throw new Refused('missing required: user: unknown user etcd')
  if (!machine.groups.includes('etcd')) throw new Refused('missing required: group: unknown group etcd')
}
