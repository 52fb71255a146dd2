import { flag, type ValueFault } from '../../../../domain/values/forms.ts'

/** Keys of RKE2 that Slipway has no rules of its own for, and whose value is still not free: RKE2 ends at a wrong one. */
const switches = new Set(
  `disable-apiserver disable-controller-manager disable-etcd disable-scheduler disable-agent etcd-s3 etcd-s3-insecure
   etcd-s3-skip-ssl-verify supervisor-metrics tls-san-security secrets-encryption enable-servicelb enable-pprof
   with-node-id prefer-bundled-bin node-name-from-cloud-provider-metadata prime rootless alsologtostderr`.split(/\s+/),
)
const counts = new Set('etcd-s3-retention advertise-port apiserver-port'.split(' '))
const durations = new Set('etcd-s3-timeout etcd-snapshot-reconcile-interval'.split(' '))

/** A single value that something is added to (`KEY+`) is read as the last part of it alone. */
export function extraFault(written: string, value: unknown): ValueFault | null {
  const key = written.replace(/\+$/, '')
  if (switches.has(key))
    return flag.safeParse(value).success ? null : { message: `${key} is a switch`, remedy: 'Write true or false.' }
  if (counts.has(key))
    return /^\d{1,9}$/.test(String(value))
      ? null
      : { message: `${key} is a whole number`, remedy: 'Write it in digits.' }
  if (durations.has(key))
    return /^(?:0|\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.test(String(value))
      ? null
      : { message: `${key} is a length of time`, remedy: 'Write it like 30s or 5m.' }
  return null
}
