import type { z } from 'zod'
import { plainText } from '../../../../domain/names.ts'
import { holdsSecret } from '../secretKeys.ts'
import { looksLikeFileName } from '../../../../domain/values/fileNames.ts'
import { listOf, type ValueFault } from '../../../../domain/values/forms.ts'
import { carriesLogin } from '../../../../domain/values/logins.ts'

/** Arguments of a component (`kubelet-arg`), each NAME=VALUE or a switch's NAME; hyphens before the name do no harm. */

/** Named like a secret, and none: the kind of etcd's tokens, and the name by which its members find each other. */
const harmless = new Set(['auth-token', 'initial-cluster-token'])
const noSecret = /^(?:|true|false|\d+|simple)$/i
const clear = 'this file is stored and shown in clear'

function secretFault(name: string, value: string): ValueFault | null {
  const namesFile = value.startsWith('/') && looksLikeFileName(value)
  if (holdsSecret(name) && !harmless.has(name) && !noSecret.test(value) && !namesFile)
    return {
      message: `the value of the argument ${name} is a secret, and ${clear}`,
      remedy:
        'Remove it. Put the value into a file on the servers, and give the argument that names such a file (those end with -file or -config).',
    }
  return null
}

const node = 'Remove it: the address stands in the node itself, spec.nodes[].internal_ip and external_ip.'
const hostname = 'Remove it: the name of a node is its hostname, spec.nodes[].hostname.'
const access = 'Remove it: RKE2 writes this file itself, and Slipway goes by it.'
const asKey = (key: string): string => `Write ${key} in spec.cluster_vars in place of the argument.`
const data = 'Remove it: the folder of the data is set with data-dir in spec.cluster_vars.'
const member = 'Remove it: RKE2 gives its members their names and addresses, and Slipway goes by them.'

/** What Slipway relies on, and how it is set here; by the key that takes the arguments. */
const reliedOn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubelet-arg': {
    'node-ip': node,
    'hostname-override': hostname,
    kubeconfig: access,
    'bootstrap-kubeconfig': access,
    'cluster-domain': asKey('cluster-domain'),
  },
  'kube-proxy-arg': {
    'hostname-override': hostname,
    kubeconfig: access,
    'cluster-cidr': asKey('cluster-cidr'),
  },
  'kube-apiserver-arg': {
    'service-cluster-ip-range': asKey('service-cidr'),
    'service-node-port-range': asKey('service-node-port-range'),
    'advertise-address': asKey('advertise-address'),
  },
  'kube-controller-manager-arg': {
    'cluster-cidr': asKey('cluster-cidr'),
    'service-cluster-ip-range': asKey('service-cidr'),
    kubeconfig: access,
  },
  'kube-scheduler-arg': { kubeconfig: access },
  'etcd-arg': { 'data-dir': data, name: member, 'initial-cluster': member },
}

/** `--v 6` reaches a component as one word that it does not know: it ends at its start. */
function blankFault(name: string, written: string): ValueFault | null {
  const [, first = '', rest = ''] = /^-*([\w.-]+)\s+(.*)$/s.exec(written) ?? []
  if (!/\s/.test(name)) return null
  const value = written.includes('=') || rest.length > 40 || rest === '' ? '…' : rest
  return {
    message: 'a blank stands in the name of an argument, and the component would end at its start',
    remedy:
      first === ''
        ? 'Write it like v=6, without blanks.'
        : `Write it with = in place of the blank: ${first}=${value}. Each argument is an item of its own.`,
  }
}

/** Why a component may not be given an argument; `list` is the key it stands under. Never quotes a secret. */
export function argumentFault(list: string, written: string): ValueFault | null {
  const bare = written.trim().replace(/^-+/, '')
  const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(bare) ?? []
  const [word = '', ...after] = name.trim().split(/\s+/)
  const secret = secretFault(word, after.length > 0 ? after.join(' ') : value)
  if (secret) return secret
  if (carriesLogin(written) || carriesLogin(value))
    return {
      message: `a URL may hold no login here: ${clear}`,
      remedy: 'Remove USER:PASSWORD@; components show who they are by certificates.',
    }
  const table = reliedOn[list.replace(/\+$/, '')] ?? {}
  if (Object.hasOwn(table, word))
    return {
      message: `the argument ${word} would take away what Slipway and RKE2 rely on`,
      remedy: table[word] ?? 'Remove it.',
    }
  return blankFault(name, bare)
}

/** A list of arguments; a comma in one is part of it. */
export const argumentList = (key: string) =>
  listOf(plainText.superRefine((text, context) => addArgumentFault(context, key, text)))

/** Tells the fault of an argument without quoting it. */
export function addArgumentFault(context: z.core.$RefinementCtx, key: string, text: string, path?: string[]): void {
  const fault = argumentFault(key, text)
  if (fault)
    context.addIssue({
      code: 'custom',
      message: fault.message,
      params: { remedy: fault.remedy },
      ...(path && { path }),
    })
}
