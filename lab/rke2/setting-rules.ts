import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refused } from './arguments.ts'
import { parseCron } from './cron.ts'
import { explain } from './log.ts'

/** Labels in Kubernetes' own domains that a kubelet may set on itself; all others there are refused (NodeRestriction). */
const allowedLabels = new Set([
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
])
const allowedDomains = /(^|\.)(kubelet|node)\.kubernetes\.io$/
const ownDomains = /(^|\.)(kubernetes|k8s)\.io$/

export function checkLabel(label: string): void {
  const split = label.indexOf('=')
  const key = split < 0 ? label : label.slice(0, split)
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
  if (!/^([a-z0-9.-]+\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?(=([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?)?$/.test(label)) {
    throw new Refused(`invalid node label: ${label}`)
  }
  if (ownDomains.test(domain) && !allowedDomains.test(domain) && !allowedLabels.has(key)) {
    throw new Refused(`unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${key}]`)
  }
}

/** `key=value:Effect` or `key:Effect`. */
export function checkTaint(taint: string): void {
  if (!/^[\w./-]+(=[\w.-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/.test(taint)) {
    throw new Refused(`invalid taint spec: ${taint}`)
  }
}

export function checkSchedule(schedule: string): void {
  try {
    parseCron(schedule)
  } catch (error) {
    throw new Refused(`invalid etcd-snapshot-schedule-cron: ${explain(error)}`)
  }
}

export function checkUrl(server: string): void {
  if (!URL.canParse(server)) throw new Refused(`Invalid server url, failed to parse: ${server}`)
  if (new URL(server).protocol !== 'https:') {
    throw new Refused(`only https:// URLs are supported, invalid scheme: ${server}`)
  }
}

const networks = ['none', 'calico', 'canal', 'cilium', 'flannel']

export function checkCni(given: readonly string[]): void {
  const primary = given[0] === 'multus' ? given.slice(1) : given
  if (given[0] === 'multus' && primary.length === 0) {
    throw new Refused('Failed to validate --cni flag: multus must be used alongside another primary cni selection')
  }
  if (primary.length > 1) {
    throw new Refused('Failed to validate --cni flag: may only provide multiple values if multus is the first value')
  }
  for (const name of primary) {
    if (!networks.includes(name)) {
      throw new Refused(`Invalid value ${name} for --cni flag: must be one of ${['multus', ...networks].join(',')}`)
    }
  }
}

const kernelParameters: Record<string, string> = {
  'vm.panic_on_oom': '0',
  'vm.overcommit_memory': '1',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
}

/**
 * The CIS profile needs the etcd user and group and four kernel parameters. A lab host shares its kernel with the
 * machine, so the parameters are looked for in the sysctl files, not in the kernel.
 */
export function checkProfile(profile: string | undefined): void {
  if (profile === undefined || profile === '') return
  if (!['cis', 'etcd'].includes(profile)) throw new Refused(`invalid value provided for --profile flag: ${profile}`)
  for (const [what, file] of [
    ['user', '/etc/passwd'],
    ['group', '/etc/group'],
  ] as const) {
    if (!/^etcd:/m.test(readFileSync(file, 'utf8')))
      throw new Refused(`missing required: ${what}: unknown ${what} etcd`)
  }
  if (profile !== 'cis') return
  const declared = declaredKernelParameters()
  for (const [name, expected] of Object.entries(kernelParameters)) {
    if (declared.get(name) !== expected) {
      throw new Refused(`invalid kernel parameter value ${name}=${declared.get(name) ?? ''} - expected ${expected}`)
    }
  }
}

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
