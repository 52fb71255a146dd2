import { expect, it } from 'vitest'
import { certificateFindings } from './certificates.ts'
import { machineFacts } from './machineFacts.fixture.ts'

const file = '/var/lib/rancher/rke2/agent/client-kubelet.crt'
const node = { hostname: 'w1', role: 'worker' as const, internal_ip: '10.0.0.21', use_external_ip: false }
const found = (expires: string) =>
  certificateFindings(
    { node, facts: machineFacts({ certificate: { file, expires } }) },
    Date.parse('2026-06-01T00:00:00Z'),
  ).map(({ name, severity, message }) => `${severity} ${name}: ${message}`)

it.each([
  ['of which a restart would renew nothing yet', '2026-09-29T00:00:01Z', []],
  [
    'that a restart renews',
    '2026-09-28T23:59:59Z',
    [`warning certificate-expiring: a certificate ends in 119 days, on 2026-09-28: ${file}`],
  ],
  [
    'that ends today',
    '2026-06-01T00:00:01Z',
    [`warning certificate-expiring: a certificate ends in 0 days, on 2026-06-01: ${file}`],
  ],
  [
    'that has ended',
    '2026-06-01T00:00:00Z',
    [`error certificate-expired: a certificate has ended on 2026-06-01: ${file}`],
  ],
])('a certificate %s', (_what, expires, expected) => {
  expect(found(expires)).toEqual(expected)
})

it('nothing is said of a machine without certificates', () => {
  expect(certificateFindings({ node, facts: machineFacts() }, Date.now())).toEqual([])
})
