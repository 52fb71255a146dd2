import { commaParts } from '../../../../domain/values/commaParts.ts'
import { type ClusterDraft, effectiveItems, oncePerPlace } from './draft.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

/** A kubelet ends at its start where it is given two taints of one key and effect, whatever their values. */
export function checkTaints(draft: ClusterDraft): RuleFinding[] {
  return oncePerPlace(
    draft.nodes.flatMap((node, index) => {
      const set = effectiveItems(draft, index, node, 'node-taint')
      const twice = firstTwice((set?.items ?? []).flatMap(commaParts).map(withoutValue))
      if (!set || twice === undefined) return []
      return [
        fault(
          'duplicate-taint',
          set.path,
          `${node.hostname ?? 'a node'} would have the taint ${twice} twice: the kubelet ends at its start`,
          'Keep one of each key and effect: two values of one key need two effects.',
        ),
      ]
    }),
  )
}

/** `KEY=VALUE:EFFECT` → `KEY:EFFECT` */
const withoutValue = (taint: string): string => taint.replace(/=[^:]*/, '')

const firstTwice = (names: readonly string[]): string | undefined =>
  names.find((name, place) => names.indexOf(name) !== place)
