import { z } from 'zod'
import type { InstallLab, Site } from './harness.ts'

/** What the tests of faults compare before and after: the nodes on record, and the traces of work on the hosts. */

const nodes = z.array(z.object({ hostname: z.string(), status: z.string() }))

/** `m1 active`, in the order of the command line. */
export async function nodeStatuses(site: Site): Promise<readonly string[]> {
  const listed = nodes.parse(JSON.parse(await site.done('nodes', site.cluster, '-o', 'json')))
  return listed.map(({ hostname, status }) => `${hostname} ${status}`)
}

/** Changes whenever a service was started again or its configuration written again. */
export async function traces(lab: InstallLab, hosts: readonly string[]): Promise<readonly string[]> {
  const command = 'stat -c "%n %i %y" /etc/rancher/rke2/config.yaml; systemctl show -p MainPID rke2-server rke2-agent'
  return Promise.all(hosts.map(async host => `${host}: ${await lab.read(host, command)}`))
}

/** Everything Slipway or RKE2 would leave on a host that it has begun to change. */
export async function leftOn(lab: InstallLab, hosts: readonly string[]): Promise<string> {
  const command =
    'for path in /etc/rancher /var/lib/rancher /var/lib/slipway /usr/local/bin/rke2*; do [ ! -e "$path" ] || echo "$path"; done'
  return (await Promise.all(hosts.map(host => lab.read(host, command)))).join('')
}

/** How often a host made a new cluster, since it was installed. */
export async function bootstraps(lab: InstallLab, hosts: readonly string[]): Promise<readonly number[]> {
  const journals = await Promise.all(hosts.map(host => lab.read(host, 'journalctl -u rke2-server --no-pager')))
  return journals.map(journal => journal.split('Managed etcd cluster initializing').length - 1)
}

/** Lets a service stand in its start, as a slow one would, until `letStart` or the next boot. */
export async function holdStart(lab: InstallLab, hosts: readonly string[], unit: string): Promise<void> {
  const folder = `/etc/systemd/system/${unit}.service.d`
  const wait = `ExecStartPre=/bin/sh -c 'while [ -e /run/held ]; do sleep 0.1; done'`
  const command = `touch /run/held && mkdir -p ${folder} && printf '[Service]\\n%s\\n' "${wait}" > ${folder}/99-held.conf`
  await onEach(lab, hosts, command)
}

export const letStart = (lab: InstallLab, hosts: readonly string[]): Promise<void> =>
  onEach(lab, hosts, 'rm -f /run/held')

async function onEach(lab: InstallLab, hosts: readonly string[], command: string): Promise<void> {
  await Promise.all(hosts.map(host => lab.read(host, command)))
}

/** kubectl as root runs it on a server, over that server's own API. */
export const hostKubectl = '/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml'

const tls = '/var/lib/rancher/rke2/server/tls/etcd'
const keys = `--cacert ${tls}/server-ca.crt --cert ${tls}/server-client.crt --key ${tls}/server-client.key`
/** etcdctl over a server's own member. */
export const etcdctl = `/var/lib/rancher/rke2/bin/etcdctl --endpoints https://127.0.0.1:2379 ${keys}`

/** Lets the member of this host lead etcd. @param hosts all that are members */
export async function letLead(lab: InstallLab, host: string, hosts: readonly string[]): Promise<void> {
  const id = (await lab.read(host, `${etcdctl} member list`))
    .split('\n')
    .find(line => line.split(', ')[2]?.startsWith(`${host}-`))
    ?.split(', ')[0]
  // Only the one that leads takes the wish.
  await Promise.all(hosts.map(other => lab.exec(other, `${etcdctl} move-leader ${id}`)))
}

/** Hosts that are members of etcd, as one of them sees it. */
export async function etcdMembers(lab: InstallLab, host: string): Promise<readonly string[]> {
  return (await lab.read(host, `${etcdctl} member list`))
    .split('\n')
    .map(line => (line.split(', ')[2] ?? '').replace(/-[0-9a-f]+$/, ''))
    .toSorted()
}

/** The words of the `slipway node replace …` that a refusal tells to type. */
export function namedReplacement(refusal: string): string[] {
  const [, command = ''] = /slipway (node replace .+?)\. /.exec(`${refusal.replaceAll('\n', ' ')} `) ?? []
  return command.split(' ')
}

/** Of `cluster_vars`: a kubelet that is silent for half the usual time is given up. */
export const soonNotReady = { 'kube-controller-manager-arg': ['node-monitor-grace-period=20s'] }
