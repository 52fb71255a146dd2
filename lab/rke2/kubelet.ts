import { existsSync } from 'node:fs'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { keepRunning, type Running } from './child.ts'
import { showKernel } from './kernel.ts'
import type { Paths } from './paths.ts'
import { builtKubelet, containerdSocket, nodeProgram, staticPodsFolder } from './real-pods.ts'
import type { Settings } from './settings.ts'
import { writeStaticPods } from './static-pods.ts'
import { version } from './version.ts'

/** How the version ends that lab/kubernetes/build gives to the kubelet; it is as long as those of the releases. */
const builtEnd = '+rke2r0'

/** Starts a real kubelet, whose pods really run, on a Node that is registered. */
export async function startRealKubelet(paths: Paths, settings: Settings, kubeconfig: string): Promise<Running> {
  await showKernel()
  const configuration = join(paths.agent, 'etc', 'kubelet.yaml')
  await writeFile(configuration, stringify(kubeletConfiguration(paths, settings)))
  await writeStaticPods(staticPodsFolder(paths), settings)
  const args = [
    `--config=${configuration}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${settings.nodeName}`,
    `--node-ip=${[settings.nodeIp, ...settings.moreNodeIps].join(',')}`,
    // As in RKE2, where a controller of its own writes the addresses of the Node; here it has them when it is registered.
    '--cloud-provider=external',
    ...settings.extra.kubelet.map(argument => `--${argument}`),
  ]
  return keepRunning(nodeProgram(await ownKubelet(paths), args, join(paths.logs, 'kubelet.log')))
}

/** The kubelet of this release, which RKE2 unpacks to the same place: it tells the Node's version. */
async function ownKubelet(paths: Paths): Promise<string> {
  const file = join(paths.bin, 'kubelet')
  const mark = `${file}.version`
  if (existsSync(file) && existsSync(mark) && (await readFile(mark, 'utf8')) === version) return file
  const program = await readFile(builtKubelet)
  for (let end = program.indexOf(builtEnd); end >= 0; end = program.indexOf(builtEnd)) {
    const place = end + builtEnd.length - version.length
    const built = program.toString('latin1', place, end)
    if (!/^v\d+\.\d+\.\d+$/.test(built)) throw new Error(`${built}${builtEnd} can't become ${version}`)
    program.write(version, place)
  }
  await writeFile(`${file}.new`, program)
  await chmod(`${file}.new`, 0o755)
  await rename(`${file}.new`, file)
  await writeFile(mark, version)
  return file
}

function kubeletConfiguration(paths: Paths, settings: Settings): object {
  const file = (name: string) => join(paths.agent, name)
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: file('client-ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: file('serving-kubelet.crt'),
    tlsPrivateKeyFile: file('serving-kubelet.key'),
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    clusterDNS: (settings.shared['cluster-dns'] ?? '10.43.0.10').split(','),
    clusterDomain: settings.shared['cluster-domain'] ?? 'cluster.local',
    staticPodPath: staticPodsFolder(paths),
    serializeImagePulls: false,
    failSwapOn: false,
    // Nothing is limited in the lab: there may be no controllers of control groups, and the disk is the machine's.
    featureGates: { KubeletInUserNamespace: true },
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
  }
}
