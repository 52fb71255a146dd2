import { Refused } from './refusal.ts'

// What a kubelet takes for `--node-labels` and `--register-with-taints`. It ends otherwise, and RKE2 starts it again.

/** Labels in Kubernetes' own domains that a kubelet may set on itself; all others there are refused. */
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

const longestName = 63
const longestDomain = 253

function isName(text: string): boolean {
  return text.length <= longestName && /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(text)
}

function isValue(text: string): boolean {
  return text === '' || isName(text)
}

/** A name, or `domain/name` with a domain of lower-case letters. */
function isQualifiedName(text: string): boolean {
  const [domain, name, tooMuch] = text.includes('/') ? text.split('/') : [undefined, text]
  if (tooMuch !== undefined || name === undefined || !isName(name)) return false
  if (domain === undefined) return true
  return (
    domain.length <= longestDomain && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(domain)
  )
}

/** Throws Refused for `key=value`, `key`, or several of them with commas between, where a kubelet would end. */
export function checkLabel(labels: string): void {
  for (const label of labels.split(',').filter(part => part !== '')) {
    const split = label.indexOf('=')
    const key = (split < 0 ? label : label.slice(0, split)).trim()
    const value = split < 0 ? '' : label.slice(split + 1).trim()
    const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
    if (ownDomains.test(domain) && !allowedDomains.test(domain) && !allowedLabels.has(key)) {
      throw new Refused(`unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${key}]`, 'kubelet')
    }
    if (!isQualifiedName(key)) throw new Refused(`invalid node labels: '${key}' - name part is invalid`, 'kubelet')
    if (!isValue(value)) throw new Refused(`invalid node labels: '${value}' - a valid label must be`, 'kubelet')
  }
}

/** Throws Refused where `key=value:Effect` or `key:Effect`, several with commas between, is none or comes twice. */
export function checkTaints(given: readonly string[]): void {
  const seen = new Set<string>()
  for (const taint of given.flatMap(entry => entry.split(','))) {
    const [pair = '', effect = '', tooMuch] = taint.split(':')
    const [key = '', value = '', another] = pair.split('=')
    if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
      throw new Refused(`invalid taint effect: ${effect}, unsupported taint effect`, 'kubelet')
    }
    if (tooMuch !== undefined || another !== undefined || !isQualifiedName(key) || !isValue(value)) {
      throw new Refused(`invalid taint spec: ${taint}`, 'kubelet')
    }
    if (seen.has(`${key}:${effect}`))
      throw new Refused(`duplicated taints with the same key and effect: ${taint}`, 'kubelet')
    seen.add(`${key}:${effect}`)
  }
}
