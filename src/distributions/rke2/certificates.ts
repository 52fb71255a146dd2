import type { Finding } from '../../domain/errors.ts'
import { unitOf } from './nodeState.ts'
import type { ReachedHost } from './observedHost.ts'

const day = 24 * 60 * 60_000

/** Days before its end from which on RKE2 renews a certificate at a start of its service (facts of RKE2). Before, a restart changes nothing. */
const renewedWithin = 120

/** Certificates that end soon, or have ended. @param now ms since 1970. Pure. */
export function certificateFindings({ node, facts }: Pick<ReachedHost, 'node' | 'facts'>, now: number): Finding[] {
  if (!facts.certificate) return []
  const { file, expires } = facts.certificate
  const left = Math.floor((Date.parse(expires) - now) / day)
  if (left >= renewedWithin) return []
  const unit = unitOf(node)
  const about = `node ${node.hostname}`
  const restart = `systemctl restart ${unit}, as root there: RKE2 renews at a start what ends within ${renewedWithin} days`
  const others = unit === 'rke2-server' ? '; one server after the other, when the one before is ready' : ''
  const remedy = `${restart}${others}.`
  if (Date.parse(expires) > now)
    return [
      {
        name: 'certificate-expiring',
        severity: 'warning',
        about,
        message: `a certificate ends in ${left} days, on ${expires.slice(0, 10)}: ${file}`,
        remedy,
      },
    ]
  return [
    {
      name: 'certificate-expired',
      severity: 'error',
      about,
      message: `a certificate has ended on ${expires.slice(0, 10)}: ${file}`,
      remedy,
    },
  ]
}
