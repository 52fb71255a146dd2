import { bitsOf, type Family } from '../../../../domain/addresses.ts'
import { type ClusterDraft, effectiveItems, oncePerPlace } from './draft.ts'
import { familiesOf, type Network, writtenFamilies } from './network.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

const forAny = 'node-cidr-mask-size'
const forFamily = (family: Family): string => `${forAny}-ipv${family}`

/** The arguments of the controller manager by name, of repeated ones the last; null where it hands out no ranges. */
function argumentsOf(written: readonly string[]): ReadonlyMap<string, string> | null {
  const given = new Map(
    written.map(argument => {
      const [key = '', value = ''] = argument.replace(/^--/, '').split('=')
      return [key, value]
    }),
  )
  return given.get('allocate-node-cidrs') === 'false' ? null : given
}

/** Prefix length of what a node gets of the range of pods; null where it gets nothing. */
export function nodeMask(family: Family, written: readonly string[]): number | null {
  const given = argumentsOf(written)
  if (given === null) return null
  const size = Number(given.get(forFamily(family)) ?? given.get(forAny) ?? 0)
  return Number.isInteger(size) && size > 0 && size <= bitsOf(family) ? size : family === 4 ? 24 : 64
}

/** Kubernetes has one argument for clusters of one family, and one for each family; its controller manager ends for a wrong one. */
export function checkNodeMaskArguments({ pods }: Network, draft: ClusterDraft): RuleFinding[] {
  const families = familiesOf(pods)
  return oncePerPlace(
    draft.nodes.flatMap((node, index) => {
      if (node.role === 'worker' || node.role === undefined) return []
      const set = effectiveItems(draft, index, node, 'kube-controller-manager-arg')
      const told = set && maskFault(families, set.items)
      return told ? [fault('node-mask-argument', set.path, told.message, told.remedy)] : []
    }),
  )
}

function maskFault(families: readonly Family[], written: readonly string[]) {
  const given = argumentsOf(written)
  const isSet = (name: string): boolean => Number(given?.get(name) ?? 0) !== 0
  const own = families.map(forFamily)
  const [foreign] = ([4, 6] as const).map(forFamily).filter(name => isSet(name) && !own.includes(name))
  const specific = own.find(isSet)
  if (isSet(forAny) && families.length > 1)
    return {
      message: `pods have two families, and ${forAny} is for clusters of one: the controller manager ends for it`,
      remedy: `Write ${own.map(name => `${name}=…`).join(' and ')} in its place.`,
    }
  if (isSet(forAny) && (specific ?? foreign) !== undefined)
    return {
      message: `the controller manager ends for ${forAny} together with ${specific ?? foreign}`,
      remedy: 'Keep one of them.',
    }
  if (foreign !== undefined)
    return {
      message: `the controller manager ends for ${foreign}: pods have ${writtenFamilies(families)} alone`,
      remedy: `Remove it, or write ${own.join('')}=….`,
    }
  return null
}
