import { SlipwayError } from '../../domain/errors.ts'
import { placeName } from '../resource.ts'
import type { Pod } from '../resources.ts'
import { listed } from './listed.ts'
import type { Fate } from './podFates.ts'

/** The error of a drain that would lose what nobody allowed to be lost; null when there is nothing of the kind. */
export function refusedDrain(node: string, pods: readonly Pod[], fate: (pod: Pod) => Fate): SlipwayError | null {
  const inTheWay = (reason: 'emptyDir' | 'unmanaged') =>
    pods
      .filter(pod => {
        const found = fate(pod)
        return found.kind === 'in-the-way' && found.why.includes(reason)
      })
      .map(({ metadata }) => placeName(metadata))
  const emptyDirs = inTheWay('emptyDir')
  const unmanaged = inTheWay('unmanaged')
  const reasons = [
    ...(emptyDirs.length > 0 ? [`the contents of emptyDir volumes would be lost: ${listed(emptyDirs)}`] : []),
    ...(unmanaged.length > 0 ? [`nothing would bring these pods back elsewhere: ${listed(unmanaged)}`] : []),
  ]
  if (reasons.length === 0) return null
  return new SlipwayError('guard-refused', `Node ${node} is not drained: ${reasons.join('; ')}`, {
    remedy: 'Save what is needed and remove these pods, or allow that they are lost.',
    facts: { node },
  })
}
