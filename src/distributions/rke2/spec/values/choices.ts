import { z } from 'zod'
import { nearest } from '../../../../domain/clusterFile/nearest.ts'
import { commaParts } from '../../../../domain/values/commaParts.ts'
import { addFault, type ValueFault } from '../../../../domain/values/forms.ts'

/** Words out of a few, as a list or with commas between them; kept as one text with commas. */
function choiceOf(check: (chosen: readonly string[]) => ValueFault | null) {
  const textual = z.union([z.string(), z.array(z.string()).max(10)]).superRefine((given, context) => {
    const chosen = [given].flat().flatMap(commaParts)
    addFault(context, check(chosen), chosen.join(','))
  })
  return z.codec(textual, z.string(), {
    decode: given => [given].flat().flatMap(commaParts).join(','),
    encode: text => text,
  })
}

function unknownWord(chosen: readonly string[], allowed: readonly string[]): ValueFault | null {
  const unknown = chosen.find(word => !allowed.includes(word))
  if (unknown === undefined) return null
  const guess = nearest(unknown, allowed)
  return {
    message: `there is no ${JSON.stringify(unknown)}${guess ? `; did you mean ${guess}?` : ''}`,
    remedy: `Allowed: ${allowed.join(', ')}.`,
  }
}

const networks = ['canal', 'calico', 'cilium', 'flannel', 'none']

/** One network plugin, or multus and one. */
export const networkPlugins = choiceOf(chosen => {
  const [first, ...others] = chosen
  if (first === undefined) return { message: 'it is empty', remedy: `Allowed: ${networks.join(', ')}.` }
  const unknown = unknownWord(chosen, [...networks, 'multus'])
  if (unknown) return unknown
  if (chosen.includes('multus') && first !== 'multus')
    return { message: 'multus stands before the plugin it is used with', remedy: `Write cni: [multus, ${first}].` }
  if (first === 'multus' && (others.length !== 1 || others[0] === 'multus'))
    return { message: 'multus is used with exactly one other plugin', remedy: 'Write it like cni: [multus, canal].' }
  if (first !== 'multus' && others.length > 0)
    return {
      message: 'a cluster has one network plugin',
      remedy: `Keep one of ${chosen.join(', ')}; two may stand only where multus is the first.`,
    }
  return null
})

/** The first one becomes the default class. */
export const ingressControllers = choiceOf(chosen =>
  chosen.length === 0
    ? { message: 'it is empty', remedy: 'Allowed: ingress-nginx, traefik, none.' }
    : unknownWord(chosen, ['ingress-nginx', 'traefik', 'none']),
)
