import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml'
import type { Refusal } from './decode.ts'
import type { ClusterFormat } from './format.ts'
import { nearest } from './nearest.ts'

/**
 * Files that were named by mistake: keys, lists of passwords, configurations of others. What is in them is nothing that
 * a message may quote, so they are told by their looks, before anything in them is judged.
 */
const refusal = (message: string, remedy: string): Refusal => ({ name: 'no-cluster-file', offset: 0, message, remedy })

const nameAnother =
  'Name the cluster file, or begin one with `slipway init`. Nothing of what is in this one is repeated.'

const looks: readonly (readonly [RegExp, string])[] = [
  [/^(?:PuTTY-User-Key-File|-----BEGIN [A-Z0-9 ]*PRIVATE KEY)/m, 'a private key'],
  [/^-----BEGIN /m, 'a certificate or another PEM file'],
  [/^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+@openssh\.com) [A-Za-z0-9+/]/m, 'a list of public keys'],
  [/^\$ANSIBLE_VAULT;/, 'a vault of Ansible'],
  [/^[a-z_][\w.-]*:[^:\s]*:\d*:\d*:[^:\n]*:[^:\n]*:/m, 'a list of users and their passwords'],
  [/^K10[0-9a-f]{64}::/m, 'a server token'],
  [/^#!\s*\//, 'a script'],
  [/^\[[\w. :-]+\][ \t]*$/m, 'a configuration with [sections]'],
]

/** A line with a key that only a cluster file, or another object like it, begins with. */
const ownLine = /^[ \t{,"']*(?:apiVersion|kind|metadata|spec)["']?\s*:/im

/** Of a text that may not even be YAML. */
export function foreignText(text: string): Refusal | null {
  if (ownLine.test(text)) return null
  const look = looks.find(([form]) => form.test(text))
  return look ? refusal(`this looks like ${look[1]}, not like a cluster file`, nameAnother) : null
}

const topKeys = ['apiVersion', 'kind', 'metadata', 'spec']

/** Of a document that is YAML and no cluster file. */
export function foreignDocument(root: ParsedNode, formats: readonly ClusterFormat[]): Refusal | null {
  if (!isMap(root)) {
    const kind = isSeq(root) ? 'a list' : isScalar(root) ? 'a text' : 'something else'
    return refusal(
      `this is ${kind}, and a cluster file is a map of keys: apiVersion, kind, metadata, spec`,
      nameAnother,
    )
  }
  const keys = root.items.flatMap(({ key }) => (isScalar(key) && typeof key.value === 'string' ? [key.value] : []))
  if (keys.length === 0 || keys.some(isOwn)) return null
  if (keys.some(key => formats.some(({ spec }) => Object.hasOwn(spec.shape, key)))) return null
  for (const format of formats) {
    const own = format.ownConfiguration(keys)
    if (own) return refusal(own.message, own.remedy)
  }
  return refusal(
    'this is no cluster file: none of its keys stands in it (apiVersion, kind, metadata, spec)',
    nameAnother,
  )
}

const isOwn = (key: string): boolean => nearest(key, topKeys) !== null
