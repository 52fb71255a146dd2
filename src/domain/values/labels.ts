import type { ValueFault } from './forms.ts'

/** Labels and taints as a kubelet takes them from its own command line; everything else ends the service at its start. */
const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const prefixPart = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

/** Labels in Kubernetes' own domains that a node may give itself (NodeRestriction). */
const ownLabels = new Set([
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
const kubernetesDomain = /(?:^|\.)(?:kubernetes|k8s)\.io$/
const nodeDomain = /(?:^|\.)(?:kubelet|node)\.kubernetes\.io$/

/** `KEY=VALUE`; the value may be empty. */
export function labelFault(text: string): ValueFault | null {
  const [key = '', value, ...more] = text.split('=')
  if (value === undefined || more.length > 0)
    return { message: 'a label is written key=value', remedy: 'Write it like tier=web or example.com/tier=web.' }
  return keyFault(key, 'label') ?? valueFault(value, 'label') ?? domainFault(key)
}

/** A label of any other object, which may have whatever key it likes. */
export const objectLabelFault = (key: string, value: string): ValueFault | null =>
  keyFault(key, 'label') ?? valueFault(value, 'label')

function domainFault(key: string): ValueFault | null {
  const prefix = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
  if (!kubernetesDomain.test(prefix) || nodeDomain.test(prefix) || ownLabels.has(key)) return null
  const name = key.slice(key.indexOf('/') + 1)
  return {
    message: `Kubernetes lets no node give itself the label ${key}: the kubelet ends at its start`,
    remedy: `Use a label of your own (like example.com/${name}), or set this one later: kubectl label node NAME ${key}=…`,
  }
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** `KEY=VALUE:EFFECT` or `KEY:EFFECT`. */
export function taintFault(text: string): ValueFault | null {
  const [pair = '', effect, ...more] = text.split(':')
  const [key = '', value = '', ...rest] = pair.split('=')
  if (effect === undefined || more.length > 0 || rest.length > 0)
    return { message: 'a taint is written key=value:Effect', remedy: 'Write it like dedicated=db:NoSchedule.' }
  if (!effects.includes(effect))
    return { message: `a taint has no effect ${JSON.stringify(effect)}`, remedy: `Allowed: ${effects.join(', ')}.` }
  return keyFault(key, 'taint') ?? valueFault(value, 'taint')
}

function keyFault(key: string, what: string): ValueFault | null {
  const [name = '', prefix, ...more] = key.split('/').toReversed()
  if (more.length === 0 && namePart.test(name) && (prefix === undefined || prefixPart.test(prefix))) return null
  return {
    message: `the key of a ${what} has at most 63 letters, digits, hyphens, underscores and dots, after a domain and a / if you like, and begins and ends with a letter or digit`,
    remedy: 'Write it like tier or example.com/tier.',
  }
}

function valueFault(value: string, what: string): ValueFault | null {
  if (value === '' || namePart.test(value)) return null
  return {
    message: `the value of a ${what} has at most 63 letters, digits, hyphens, underscores and dots, and begins and ends with a letter or digit`,
    remedy: 'Shorten it, or leave the other signs out.',
  }
}
