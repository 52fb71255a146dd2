import type { Unmet } from '../../engine/contract/stage.ts'
import type { FoundInstallation } from '../contract.ts'
import { unserved } from './detect.ts'
import { isOlder } from './version.ts'

/** `5.8.2, Deployment pgo/pgo of Helm release pgo/pgo`. Pure. */
export const foundText = ({ version, where, owner }: FoundInstallation): string =>
  `${version === null ? '' : `${version}, `}${where}${owner === null ? '' : ` of ${owner}`}`

/** What a decision for it rests on. */
export const foundFacts = ({ version, where, owner }: FoundInstallation) => ({ version, where, owner })

interface Wish {
  /** `component operator-pgo` */
  readonly about: string
  readonly minVersion: string | undefined
  /** Namespaces that it has to look after. */
  readonly served: readonly string[]
}

/** Why an installation of somebody else cannot be used; it is never changed. Pure. */
export function whyUnusable(found: FoundInstallation, { about, minVersion, served }: Wish): Unmet[] {
  const unmet = (name: Unmet['name'], message: string, remedy: string): Unmet => ({
    name,
    severity: 'error',
    about,
    message: `${foundText(found)}: ${message}`,
    remedy,
  })
  const findings: Unmet[] = []
  if (minVersion !== undefined && found.version !== null && isOlder(found.version, minVersion))
    findings.push(
      unmet(
        'component-too-old',
        `it is older than ${minVersion}, and Slipway has not made it`,
        'Have it upgraded by whoever runs it; where an older one is known to do, set min_version of the component.',
      ),
    )
  if (found.lack !== null)
    findings.push(
      unmet(
        'component-unhealthy',
        `it is not ready, and Slipway has not made it: ${found.lack}`,
        'Have it put right by whoever runs it (kubectl describe shows why), then apply again.',
      ),
    )
  const missing = unserved(found, served)
  if (missing.length > 0)
    findings.push(
      unmet(
        'component-out-of-reach',
        `it does not look after ${missing.join(', ')}, and Slipway has not made it`,
        'Have these namespaces added to those that it watches, or use a namespace that it watches.',
      ),
    )
  return findings
}
