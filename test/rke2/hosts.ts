import { stringify } from 'yaml'
import { Lab } from '../../lab/lab.ts'
import type { LabOptions } from '../../lab/shape.ts'
import { until } from '../../lab/until.ts'

export type Role = 'server' | 'agent'
export type Configuration = Record<string, unknown>

type Options = Pick<LabOptions, 'ipv6' | 'pods'> & { dataDir?: string }

/** Lab hosts with the stand-in on them, used the way an administrator uses RKE2: files, systemctl, kubectl, the journal. */
export class Rke2Hosts implements AsyncDisposable {
  readonly lab: Lab
  readonly dataDir: string

  private constructor(lab: Lab, dataDir: string) {
    this.lab = lab
    this.dataDir = dataDir
  }

  static async up(name: string, hosts: number, options: Options = {}): Promise<Rke2Hosts> {
    const { dataDir = '/var/lib/rancher/rke2', ...ofLab } = options
    return new Rke2Hosts(await Lab.up({ name, hosts, ...ofLab }), dataDir)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.lab.down()
  }

  address(host: string): string {
    return this.lab.host(host).address
  }

  supervisor(host: string): string {
    return `https://${this.address(host)}:9345`
  }

  /** Runs a command as root; throws with its output when it fails. */
  async run(host: string, command: string): Promise<string> {
    const { stdout, stderr, exitCode } = await this.lab.exec(host, command)
    if (exitCode !== 0) throw new Error(`${host}: ${command}: exit code ${exitCode}\n${stdout}\n${stderr}`)
    return stdout.trim()
  }

  /** Unpacks a release into /usr/local after its sum has been checked. */
  async install(host: string, version = 'v1.34.1+rke2r1'): Promise<void> {
    const base = `${this.lab.describe().artifact_url}/${encodeURIComponent(version)}`
    const download = ['sha256sum-amd64.txt', 'rke2.linux-amd64.tar.gz'].map(
      file => `python3 -c 'import urllib.request as r; r.urlretrieve("${base}/${file}", "${file}")'`,
    )
    await this.run(
      host,
      [
        'cd "$(mktemp -d)"',
        ...download,
        'sha256sum --check --ignore-missing --quiet sha256sum-amd64.txt',
        'tar -xzf rke2.linux-amd64.tar.gz -C /usr/local',
        'mkdir -p /etc/rancher/rke2',
        'systemctl daemon-reload',
      ].join(' && '),
    )
  }

  async configure(host: string, configuration: Configuration): Promise<void> {
    const text = Buffer.from(stringify(configuration)).toString('base64')
    await this.run(host, `echo ${text} | base64 -d > /etc/rancher/rke2/config.yaml`)
  }

  /** Starts the service and waits until systemd was told that it is up; a try that ends is left to systemd's restart. */
  async start(host: string, role: Role, configuration?: Configuration): Promise<void> {
    if (configuration !== undefined) await this.configure(host, configuration)
    await this.run(host, `systemctl enable --now --no-block rke2-${role}`)
    await this.untilActive(host, role)
  }

  async restart(host: string, role: Role): Promise<void> {
    await this.run(host, `systemctl restart --no-block rke2-${role}`)
    await this.untilActive(host, role)
  }

  async untilActive(host: string, role: Role): Promise<void> {
    await until(`rke2-${role} on ${host}`, 60, async () => {
      const state = await this.lab.exec(host, `systemctl show -p ActiveState,Job --value rke2-${role}`)
      return state.stdout.trim() === 'active'
    })
  }

  /** Runs `rke2 server` or `rke2 agent` in the foreground until it ends by itself; an agent never does, and gets 5 s. */
  async attempt(
    host: string,
    role: Role,
    configuration: Configuration,
    seconds = role === 'agent' ? 5 : 20,
  ): Promise<{ exitCode: number; output: string }> {
    await this.configure(host, configuration)
    const { stdout, stderr, exitCode } = await this.lab.exec(host, `timeout ${seconds} rke2 ${role}`)
    return { exitCode, output: stdout + stderr }
  }

  async untilJournal(host: string, role: Role, words: string): Promise<void> {
    await until(`"${words}" in the journal of ${host}`, 30, async () => {
      const { stdout } = await this.lab.exec(host, `journalctl -u rke2-${role} -o cat --no-pager`)
      return stdout.includes(words)
    })
  }

  /** kubectl on a server, with its own kubeconfig. */
  kubectl(host: string, command: string): Promise<string> {
    return this.run(
      host,
      `KUBECONFIG=/etc/rancher/rke2/rke2.yaml ${this.dataDir}/bin/kubectl --request-timeout=10s ${command}`,
    )
  }

  /** Gives objects to the API of a server. */
  async apply(host: string, objects: readonly object[]): Promise<void> {
    const text = Buffer.from(objects.map(object => JSON.stringify(object)).join('\n---\n')).toString('base64')
    await this.kubectl(host, `apply -f - <<< "$(echo ${text} | base64 -d)"`)
  }

  etcdctl(host: string, command: string): Promise<string> {
    const tls = `${this.dataDir}/server/tls/etcd`
    const identity = `--cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key`
    return this.run(host, `${this.dataDir}/bin/etcdctl --endpoints https://127.0.0.1:2379 ${identity} ${command}`)
  }

  /** Waits until a JSONPath over a Node, asked of a server, has a value. */
  async untilNode(server: string, node: string, path: string, value: string, seconds = 30): Promise<void> {
    await until(`node ${node}: ${path} = ${value}`, seconds, async () => {
      const { stdout } = await this.lab.exec(
        server,
        `KUBECONFIG=/etc/rancher/rke2/rke2.yaml ${this.dataDir}/bin/kubectl get node ${node} --ignore-not-found -o jsonpath='${path}'`,
      )
      return stdout.trim() === value
    })
  }
}

export const condition = (type: string): string => `{.status.conditions[?(@.type=="${type}")].status}`
