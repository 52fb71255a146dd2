import type { HostAccess } from '../../../hosts/access.ts'
import { defaultDataDir } from './dataDir.ts'
import { type HostFacts, hostFacts } from './facts.ts'
import { runPython } from '../../../hosts/python.ts'
import { timedProbe } from '../../../hosts/timedProbe.ts'

export interface ObserveOptions {
  /** RKE2's data folder; default /var/lib/rancher/rke2. */
  readonly dataDir?: string
  /** Key for the HMACs of configuration files: a file's hash must not allow guessing the token in it. */
  readonly hmacKey: Uint8Array
  /** Ports whose listener is named; default: RKE2's. */
  readonly ports?: readonly number[]
  /** Folders on the host where downloaded releases lie. */
  readonly releaseDirectories?: readonly string[]
  /** Files that the configuration names, and that are to be there. */
  readonly namedFiles?: readonly string[]
  /** Asks the API server, where one runs: `ready` for readiness only, `nodes` for the list of nodes too. */
  readonly cluster?: 'ready' | 'nodes'
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

const rke2Ports = [9345, 6443, 6444, 2379, 2380, 2381, 2382, 10010, 10248, 10249, 10250, 10256, 10257, 10258, 10259]
/** s that an API server may take to answer; a hung one must not hang the probe. */
const apiTimeout = 3
/** s that each member of etcd may take to say that it lives; all are asked at once. */
const etcdTimeout = 2
/** s for the whole probe on the host. */
const deadline = 20

/**
 * Everything that decisions need to know about a host, by one SSH command that reads only.
 * @throws SlipwayError `host-reply-invalid`, and what `HostAccess.run` throws.
 */
export function observe(access: HostAccess, hostname: string, options: ObserveOptions): Promise<HostFacts> {
  const request = {
    module: 'slipway.rke2.observe',
    arguments: {
      data_dir: options.dataDir ?? defaultDataDir,
      hmac_key: Buffer.from(options.hmacKey).toString('hex'),
      ports: options.ports ?? rke2Ports,
      named_files: options.namedFiles ?? [],
      release_directories: options.releaseDirectories ?? [],
      cluster: options.cluster
        ? { nodes: options.cluster === 'nodes', timeout: apiTimeout, etcd_timeout: etcdTimeout }
        : null,
      deadline,
    },
    timeout: (deadline + 5) * 1000,
    maxOutput: options.cluster === 'nodes' ? 32 * 1024 * 1024 : 1024 * 1024,
    ...(options.signal && { signal: options.signal }),
    ...(options.environment && { environment: options.environment }),
  }
  return timedProbe(access, hostname, () => runPython(access, hostname, request, hostFacts))
}
