import type { HostAccess } from '../../../hosts/access.ts'
import { runPython } from '../../../hosts/python.ts'
import { timedProbe } from '../../../hosts/timedProbe.ts'
import { type HostFacts, hostFacts } from './facts.ts'

/** Of Kubernetes and etcd; who listens there is named. */
const ports = [2379, 2380, 6443, 10250, 10257, 10259]
/** s for the whole probe on the host, and for each member of etcd in it. */
const deadline = 20
const etcdTimeout = 2

/**
 * Everything that decisions need to know about a host, by one SSH command that reads only.
 * @throws SlipwayError `host-reply-invalid`, and what `HostAccess.run` throws.
 */
export function observe(access: HostAccess, hostname: string, signal: AbortSignal): Promise<HostFacts> {
  const request = {
    module: 'slipway.kubespray.observe',
    arguments: { ports, deadline, etcd_timeout: etcdTimeout },
    timeout: (deadline + 5) * 1000,
    maxOutput: 1024 * 1024,
    signal,
  }
  return timedProbe(access, hostname, () => runPython(access, hostname, request, hostFacts))
}
