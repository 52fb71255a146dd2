import { parseRke2Version } from '../version.ts'
import { type ClusterDraft, effective, oncePerPlace } from './draft.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

/** Keys that only some versions take, and keys that RKE2 refuses together. */
export function checkVersionedKeys(draft: ClusterDraft): RuleFinding[] {
  if (draft.cluster_vars === null) return []
  return oncePerPlace(
    draft.nodes.flatMap((node, index): RuleFinding[] => {
      const profile = effective(draft, index, node, 'profile')
      const protection = effective(draft, index, node, 'protect-kernel-defaults')
      const found: RuleFinding[] = []
      if (profile?.value === 'cis-1.23' && isAtLeast(draft.version, 30))
        found.push(
          fault('profile-unknown', profile.path, 'RKE2 has no profile cis-1.23 since v1.30', 'Write profile: cis.'),
        )
      if (profile?.value.startsWith('cis') && protection?.value === false)
        found.push(
          fault(
            'profile-protection',
            protection.path,
            `RKE2 refuses protect-kernel-defaults: false with the profile ${profile.value}`,
            'Remove protect-kernel-defaults: the profile turns it on.',
          ),
        )
      return found
    }),
  )
}

function isAtLeast(version: string | undefined, minor: number): boolean {
  if (version === undefined) return false
  const parsed = parseRke2Version(version)
  return parsed.major > 1 || parsed.minor >= minor
}
