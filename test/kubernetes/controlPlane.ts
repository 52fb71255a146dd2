import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createAuthority, createServiceKey, ensureLeaf } from '../../lab/rke2/certificates.ts'
import { httpsCaller } from '../../lab/rke2/https-json.ts'
import { writeKubeconfig } from '../../lab/rke2/kubeconfig.ts'
import { kwokConfiguration } from '../../lab/rke2/kwok-stages.ts'
import type { ApiAccess } from '../../src/kubernetes/apiAccess.ts'
import { readKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { freePort } from '../freePort.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { until } from '../until.ts'

const programs = execFileSync(join(import.meta.dirname, '../../lab/kubernetes/build'), ['--print'], {
  encoding: 'utf8',
}).trim()

/** A real API server with its etcd on this machine, for one test file, and what else of Kubernetes was asked for. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly folder: string
  /** Of an administrator. */
  readonly kubeconfig: string
  readonly access: ApiAccess
  /** PEM of the CA of all its certificates, and of the administrator's. */
  readonly ca: string
  /** Runs Kubernetes' own client as the administrator. @throws when it fails. */
  kubectl(args: readonly string[], input?: string): string
  /** Where kwok answers as kubelet, when it was asked to forward ports: for the status of a Node. */
  readonly kubeletPort: number
  /** A certificate of its CA: `<stem>.crt` and `<stem>.key`. */
  issue(name: string, subject: Omit<Parameters<typeof ensureLeaf>[2], 'commonName'>): Promise<string>
  /** Stops the API server alone, as a power switch would, and starts it again. */
  restartServer(whileAway?: () => Promise<void>): Promise<void>
}

/** Those that tests wait for. */
const controllers = [
  'replicaset',
  'deployment',
  'statefulset',
  'job',
  'disruption',
  'garbage-collector',
  'persistentvolume-binder',
  'persistentvolumeclaim-protection',
  'persistentvolume-protection',
]

/** `daemonsets`: their controller beside the others; where it is missing, a test makes pods of a DaemonSet itself. */
export type Part = 'controllers' | 'daemonsets' | 'scheduler' | 'kwok' | ForwardedPorts

/** kwok, which leads ports of pods, whatever these are called, to ports of this machine. */
export interface ForwardedPorts {
  /** By the port of the pods. */
  readonly forward: Readonly<Record<number, number>>
}

/** A token that the API server knows, of a user without any right. */
export const knownToken = 'a-token-of-nobody-in-particular'

/** Starts etcd and an API server, and resolves when it is ready. */
export async function startControlPlane(...parts: Part[]): Promise<ControlPlane> {
  const folder = temporaryFolder('kubernetes')
  const at = (name: string) => join(folder, name)
  const children: Child[] = []
  const start = (name: string, options: Readonly<Record<string, string>>) => {
    const child = startProgram(folder, name, options)
    children.push(child)
    return child
  }
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const kubeletPort = await freePort()
  const forwarded = parts.find(part => typeof part === 'object')

  await createAuthority(at('ca'), 'test-ca')
  const issue: ControlPlane['issue'] = async (name, subject) => {
    await ensureLeaf(at(name), { stem: at('ca') }, { commonName: name, ...subject })
    return at(name)
  }
  await Promise.all([
    issue('server', { uses: ['serverAuth'], names: ['127.0.0.1', 'localhost', 'api.test'] }),
    issue('admin', { uses: ['clientAuth'], organization: 'system:masters' }),
    createServiceKey(at('service.key')),
    writeFile(at('tokens'), `${knownToken},nobody,1\n`),
    writeFile(at('stages.yaml'), `${kwokConfiguration(true)}---\n${portForward(forwarded)}`),
  ])
  const url = `https://127.0.0.1:${port}`
  await writeKubeconfig(at('kubeconfig'), { server: url, caFile: at('ca.crt'), stem: at('admin'), mode: 0o600 })

  const client = `http://127.0.0.1:${etcdPort}`
  start('etcd', {
    'data-dir': at('etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
    'unsafe-no-fsync': 'true',
    'log-level': 'warn',
  })
  const startServer = () =>
    start('kube-apiserver', {
      'etcd-servers': client,
      'secure-port': String(port),
      'bind-address': '127.0.0.1',
      'cert-dir': folder,
      'tls-cert-file': at('server.crt'),
      'tls-private-key-file': at('server.key'),
      'client-ca-file': at('ca.crt'),
      'token-auth-file': at('tokens'),
      'authorization-mode': 'RBAC',
      // Nobody makes accounts here, or takes the taint of a new node away.
      'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition',
      'service-cluster-ip-range': '10.0.0.0/24',
      'service-account-issuer': 'https://kubernetes.test',
      'service-account-key-file': at('service.key'),
      'service-account-signing-key-file': at('service.key'),
    })
  let server = startServer()
  const [ca, cert, key] = ['ca.crt', 'admin.crt', 'admin.key'].map(name => readFileSync(at(name), 'utf8'))
  if (ca === undefined || cert === undefined || key === undefined) throw new Error('no certificates')
  const caller = httpsCaller(url, { ca, cert, key })
  const answers = () =>
    until('the API server is ready', async () => {
      if (server.ended()) throw new Error(`the API server has ended: see ${folder}`)
      return caller.call('/readyz', { timeout: 2000 }).then(
        ({ status }) => status === 200,
        () => false,
      )
    })
  await answers()
  if (parts.includes('controllers'))
    start('kube-controller-manager', {
      kubeconfig: at('kubeconfig'),
      controllers: [...controllers, ...(parts.includes('daemonsets') ? ['daemonset'] : [])]
        .map(name => `${name}-controller`)
        .join(','),
      'leader-elect': 'false',
      'secure-port': '0',
    })
  if (parts.includes('scheduler'))
    start('kube-scheduler', { kubeconfig: at('kubeconfig'), 'leader-elect': 'false', 'secure-port': '0' })
  if (forwarded || parts.includes('kwok'))
    start('kwok', {
      kubeconfig: at('kubeconfig'),
      config: at('stages.yaml'),
      'manage-all-nodes': 'true',
      'server-address': forwarded ? `127.0.0.1:${kubeletPort}` : '',
      ...(forwarded && { 'tls-cert-file': at('server.crt'), 'tls-private-key-file': at('server.key') }),
    })
  const kubeconfig = readFileSync(at('kubeconfig'), 'utf8')

  return {
    url,
    port,
    folder,
    kubeconfig,
    access: readKubeconfig(kubeconfig),
    ca,
    kubeletPort,
    issue,
    kubectl: (args, input) =>
      execFileSync(join(programs, 'kubectl'), [...args, `--kubeconfig=${at('kubeconfig')}`], {
        encoding: 'utf8',
        ...(input !== undefined && { input }),
      }),
    async restartServer(whileAway = async () => {}) {
      await server.end('SIGKILL')
      await whileAway()
      server = startServer()
      await answers()
    },
    async [Symbol.asyncDispose]() {
      caller.close()
      await Promise.all(children.map(child => child.end('SIGKILL')))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const portForward = ({ forward }: ForwardedPorts = { forward: {} }): string =>
  stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterPortForward',
    metadata: { name: 'ports' },
    spec: {
      forwards: Object.entries(forward).map(([port, target]) => ({
        ports: [Number(port)],
        target: { address: '127.0.0.1', port: target },
      })),
    },
  })

interface Child {
  ended(): boolean
  end(signal: NodeJS.Signals): Promise<void>
}

/** What it says is in a file beside its data. A test that is killed takes it along. */
function startProgram(folder: string, name: string, options: Readonly<Record<string, string>>): Child {
  const output = openSync(join(folder, `${name}.log`), 'a')
  const args = Object.entries(options).map(([option, value]) => `--${option}=${value}`)
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', join(programs, name), ...args], {
    stdio: ['ignore', output, output],
    // As in the lab: starting costs less of the processor when Go does not collect its garbage.
    env: { PATH: process.env['PATH'], GOGC: '400' },
  })
  closeSync(output)
  const exited = once(child, 'exit')
  return {
    ended: () => child.exitCode !== null || child.signalCode !== null,
    async end(signal) {
      child.kill(signal)
      await exited
    },
  }
}
