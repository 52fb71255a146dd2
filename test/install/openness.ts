import type { InstallLab } from './harness.ts'

/** How open what Slipway and RKE2 leave on a machine is: the same whatever umask a login and its sudo have. */

const places = (unit: string): Readonly<Record<string, string>> => ({
  '/etc/rancher': '755',
  '/etc/rancher/rke2': '755',
  '/etc/rancher/rke2/config.yaml': '600',
  '/etc/rancher/rke2/registries.yaml': '600',
  [`/etc/default/${unit}`]: '600',
  [`/etc/systemd/system/${unit}.service.d`]: '755',
  [`/etc/systemd/system/${unit}.service.d/10-slipway-guard.conf`]: '644',
  '/usr/local/bin': '755',
  '/usr/local/bin/rke2': '755',
  '/usr/local/lib/systemd/system': '755',
  [`/usr/local/lib/systemd/system/${unit}.service`]: '644',
  '/var/lib/rancher': '755',
  '/var/lib/slipway': '755',
  '/var/lib/slipway/bootstrap-guard': '755',
  '/var/lib/slipway/release.json': '644',
})
/** On a server with `etcd-snapshot-dir: /srv/backup/etcd`. */
const ofServers = { '/etc/rancher/rke2/rke2.yaml': '600', '/srv/backup': '755', '/srv/backup/etcd': '700' }

/** `755 /etc/rancher` of each place on a machine with registries and proxies. */
export function openness(role: 'server' | 'agent', more: Readonly<Record<string, string>> = {}): readonly string[] {
  const all = { ...places(`rke2-${role}`), ...(role === 'server' && ofServers), ...more }
  return Object.entries(all).map(([place, mode]) => `${mode} ${place}`)
}

/** The same as it is on a host; a place that is missing is left out. */
export async function opennessOf(
  lab: InstallLab,
  host: string,
  wanted: ReturnType<typeof openness>,
): Promise<readonly string[]> {
  const paths = wanted.map(line => line.split(' ')[1])
  return (await lab.read(host, `stat -c '%a %n' ${paths.join(' ')} || true`)).split('\n')
}
