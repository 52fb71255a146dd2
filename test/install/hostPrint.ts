import type { InstallLab } from './harness.ts'

/**
 * What an installation could have changed on a host: every file outside of what a login itself writes (logs, /run, the
 * state of systemd and sudo), with inode, size and times, and the names of all units. Equal before and after: untouched.
 */
export async function hostPrint(lab: InstallLab, host: string): Promise<string> {
  const print = await lab.read(
    host,
    `find / -xdev \\( ${notOurs.map(path => `-path ${path}`).join(' -o ')} \\) -prune -o ! -type d -printf '%p %i %s %T@ %C@\\n' | sort
     systemctl list-unit-files --no-legend --no-pager`,
  )
  if (!print.includes('/etc/passwd')) throw new Error(`no print of ${host} was taken`)
  return print
}

/** Beginnings of the names of those that the kubelet and a container network set. */
const kernelSettings = ['vm.overcommit_memory', 'vm.panic', 'kernel.panic', 'net.ipv4.ip_forward', 'net.bridge']

/**
 * What is no file, or goes with the next boot, and that an installation could leave as well: folders, mounts, network
 * interfaces, processes, rules of the firewall, and settings of the kernel.
 */
export async function systemPrint(lab: InstallLab, host: string): Promise<string> {
  const print = await lab.read(
    host,
    `find /etc /opt /usr/local /var/lib /var/log -xdev -type d ! -path '/var/lib/systemd*' ! -path '/var/log/journal/*' | sort
     cut -d' ' -f2,3 /proc/mounts | sort
     cut -d: -f1 /proc/net/dev; ps -e -o comm= | grep -E 'rke2|etcd|kube|containerd' || true
     (nft list ruleset || iptables-save) 2>/dev/null | grep -v '^#' || true
     sysctl -a 2>/dev/null | grep -E '^(${kernelSettings.join('|')})' || true`,
  )
  if (!print.includes('/etc')) throw new Error(`no print of ${host} was taken`)
  return print
}

const notOurs = ['/proc', '/sys', '/dev', '/run', '/var/log', '/var/lib/systemd', '/var/lib/sudo', '/var/cache']

/** Files that an installation brings: none may be there before one has begun. */
export async function installedFiles(lab: InstallLab, host: string): Promise<string> {
  return lab.read(
    host,
    `find /usr/local /opt/rke2 /etc/rancher /var/lib/rancher /var/lib/slipway ! -type d \\( -ipath '*rke2*' -o -ipath '*slipway*' -o -ipath '*rancher*' \\) 2>/dev/null
     systemctl list-unit-files --no-legend --no-pager 'rke2*' || true`,
  )
}
