import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, lstatSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import type { Paths } from './paths.ts'
import { keepRunning, type Running } from './child.ts'
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

// A kubelet sets these, and ends where it can't (pkg/kubelet/cm/container_manager_linux.go).
const kernelParameters = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

/**
 * A host of the lab shares this machine's kernel: it can't change its parameters, nor read its messages, and a kubelet does
 * not start without. So it finds the parameters as it wants them, and something in which there never is a message.
 */
async function showKernel(): Promise<void> {
  if (!lstatSync('/dev/kmsg', { throwIfNoEntry: false })) await symlink('/dev/console', '/dev/kmsg')
  const folder = '/run/lab-kernel'
  await mkdir(folder, { recursive: true })
  for (const [name, value] of Object.entries(kernelParameters)) {
    const parameter = join('/proc/sys', name)
    if ((await readFile(parameter, 'utf8')).trim() === value) continue
    const shown = join(folder, name.replaceAll('/', '.'))
    await writeFile(shown, `${value}\n`)
    await mount('--bind', shown, parameter)
  }
  // What is below net is the host's own, and yet it can't be written, unlike in a file system that is mounted anew.
  const forwarding = '/proc/sys/net/ipv4/ip_forward'
  if (isWritable(forwarding)) return
  const anew = join(folder, 'proc')
  await mkdir(anew, { recursive: true })
  await mount('-t', 'proc', 'proc', anew)
  await mount('--bind', join(anew, 'sys/net'), '/proc/sys/net')
  await promisify(execFile)('umount', [anew])
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function mount(...args: string[]): Promise<void> {
  await promisify(execFile)('mount', args)
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

/** Starts kube-proxy, which makes Services reach their pods. It outlives the service, as its container does in RKE2. */
export async function startProxy(paths: Paths, settings: Settings, kubeconfig: string): Promise<Running> {
  const args = [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${settings.nodeName}`,
    `--cluster-cidr=${settings.shared['cluster-cidr'] ?? '10.42.0.0/16'}`,
    '--proxy-mode=nftables',
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0s',
    '--conntrack-tcp-timeout-close-wait=0s',
    '--healthz-bind-address=127.0.0.1:10256',
    '--metrics-bind-address=127.0.0.1:10249',
    ...settings.extra.kubeProxy.map(argument => `--${argument}`),
  ]
  return keepRunning(nodeProgram('bin/kube-proxy', args, join(paths.logs, 'kube-proxy.log'), version))
}
