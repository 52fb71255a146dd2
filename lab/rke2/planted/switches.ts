import { ownKeys } from '../../../src/distributions/rke2/spec/ownKeys.ts'
import { clusterVars } from '../../../src/distributions/rke2/spec/config.ts'
import { type Kind, serverFlags } from '../flags.ts'
import { extra, onlySlipway, type PlantedFault, vars } from './fault.ts'

const word = (key: string) => new RegExp(`rke2: invalid boolean value "perhaps" for -${key}`)

/** Options of one kind that a cluster file may set, as the stand-in lists them: those that Slipway knows, and others. */
function options(kind: Kind): { readonly known: string[]; readonly others: string[] } {
  const keys = [...serverFlags].flatMap(([key, one]) =>
    one === kind && key.length > 1 && !ownKeys.has(key) ? [key] : [],
  )
  const known = (key: string) => Object.hasOwn(clusterVars.shape, key)
  return { known: keys.filter(known), others: keys.filter(key => !known(key)) }
}

const ofVars: readonly PlantedFault[] = options('switch').known.map(key => ({
  what: `a word for ${key}`,
  ...vars(key, 'perhaps', 'yes'),
  finding: 'bad-value',
  says: /neither true nor false Write true or false/,
  refused: word(key),
}))
const ofExtra: readonly PlantedFault[] = options('switch').others.map(key => ({
  what: `a word for ${key} below extra`,
  ...extra(key, 'perhaps', 'on'),
  finding: 'bad-value',
  says: new RegExp(`${key} is a switch Write true or false`),
  refused: word(key),
}))
const lengths: readonly PlantedFault[] = options('duration').others.map(key => ({
  what: `a word for ${key}`,
  ...extra(key, 'soon', '5m'),
  finding: 'bad-value',
  says: new RegExp(`${key} is a length of time Write it like 30s or 5m`),
  refused: new RegExp(`invalid value "soon" for flag -${key}`),
}))
const numbers: readonly PlantedFault[] = options('number').others.map(key => ({
  what: `a word for ${key}`,
  ...extra(key, 'many', 3),
  finding: 'bad-value',
  says: new RegExp(`${key} is a whole number Write it in digits`),
  refused: new RegExp(`invalid value "many" for flag -${key}`),
}))

export const switches: readonly PlantedFault[] = [
  ...ofVars,
  ...ofExtra,
  ...lengths,
  ...numbers,
  {
    what: 'a switch that something is added to',
    ...extra('etcd-s3+', 'perhaps', undefined),
    at: 'cluster_vars.extra."etcd-s3+"',
    finding: 'bad-value',
    says: /etcd-s3 is a switch/,
    refused: word('etcd-s3'),
  },
  {
    what: 'a length of time without its unit',
    ...extra('etcd-snapshot-reconcile-interval', 10, '10m'),
    finding: 'bad-value',
    says: /is a length of time/,
    refused: /invalid value "10" for flag -etcd-snapshot-reconcile-interval/,
  },
  {
    what: 'a secret in the open',
    ...extra('etcd-s3-secret-key', 'hunter2', undefined),
    finding: 'bad-value',
    says: /is a secret, and this file is stored and shown in clear.*spec\.secret_files: \{ etcd-s3-secret-key: \.\/FILE \}/,
    refused: onlySlipway('it reads secrets from its configuration; the cluster file is stored and shown'),
  },
  {
    what: 'a key below extra that has rules of its own',
    ...extra('cluster-cidr', '10.42.0.0', undefined),
    finding: 'bad-value',
    says: /Write cluster-cidr in spec\.cluster_vars, not below extra/,
    refused: /invalid cluster-cidr 10\.42\.0\.0/,
  },
]
