import { acceptable, error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What is found on machines before anything is done to them. */
export const machineFindings = {
  'os-unknown': acceptable(
    'The operating system of the machine cannot be told',
    'Use a Linux distribution that RKE2 supports, or accept it.',
  ),
  'few-cpus': acceptable(
    'The machine has fewer CPUs than a node of its role needs',
    'Give it more, set preflight.min_cpus, or accept it.',
  ),
  'little-memory': acceptable(
    'The machine has less memory than a node of its role needs',
    'Give it more, set preflight.min_memory_mib, or accept it.',
  ),
  'swap-on': acceptable(
    'Swap is on, and the memory limits of the kubelet do not hold with it',
    'Turn it off (swapoff -a, and take it out of /etc/fstab), or accept it.',
  ),
  'firewalld-on': acceptable(
    'firewalld is active, or starts with the next boot; unless RKE2’s ports are open, it breaks the network of pods',
    'Let Slipway turn it off (host_settings: [firewalld] below spec), turn it off yourself (systemctl disable --now firewalld), or open the ports and accept it.',
  ),
  'ufw-on': acceptable(
    'ufw is active, or starts with the next boot; unless RKE2’s ports are open, it breaks the network of pods',
    'Let Slipway turn it off (host_settings: [ufw] below spec), turn it off yourself (ufw disable), or open the ports and accept it.',
  ),
  'selinux-enforcing': acceptable(
    'SELinux is enforcing, and RKE2’s policy is not installed',
    'Install the package rke2-selinux (and set `selinux: true` in extra), or make SELinux permissive.',
  ),
  'fapolicyd-on': acceptable(
    'fapolicyd is active and forbids RKE2’s programs to run',
    'Let Slipway bring the rules (host_settings: [fapolicyd] below spec), write them yourself into /etc/fapolicyd/rules.d/80-rke2.rules, or accept it.',
  ),
  'network-manager': acceptable(
    'NetworkManager manages the interfaces of pods and takes their addresses away',
    'Let Slipway tell it to leave them alone (host_settings: [network-manager] below spec), do so yourself (RKE2’s known issues), or accept it.',
  ),
  'equal-product-uuid': acceptable(
    'Several machines report the same product_uuid',
    'Give each virtual machine its own, or accept it.',
  ),
  'equal-hostname': acceptable(
    'Several machines have the same host name',
    'Give each its own (hostnamectl set-hostname), or accept it: nodes are named as in the cluster file.',
  ),
  'equal-machine-id': error(
    'Several machines have the same machine-id, as clones have',
    'Give those that are named as not yet in use a new one (the finding says where the SSH host keys have to be made anew as well): rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup, and boot again.',
  ),
  'equal-host-keys': acceptable(
    'Several machines have the same SSH host keys, as clones have: whoever holds one of them can pass for the others',
    'Make new ones on those that are named (rm -f /etc/ssh/ssh_host_*_key*; ssh-keygen -A), and boot them again; or accept it.',
  ),
  'arch-unsupported': error('RKE2 has no release for this kind of processor', 'Use an amd64 or arm64 machine.'),
  'python-too-old': error(
    'The newest Python of the machine is too old for Ansible’s modules',
    'Install a newer one beside it (python3.11 or the like); the system’s own may stay as it is.',
  ),
  'disk-noexec': error(
    'A file system that RKE2 runs programs from is mounted noexec',
    'Mount it without noexec, or set data-dir.',
  ),
  'disk-read-only': error('A file system that RKE2 writes to is read-only', 'Mount it writable, or set data-dir.'),
  'disk-full': error(
    'A file system has too little room or no free inode',
    'Free space there, or set data-dir or preflight.min_disk_free_mib.',
  ),
  'clock-skew': error(
    'The clock of the machine is off; certificates and etcd need equal clocks',
    'Run a time service, such as chrony.',
  ),
  'port-taken': error('Another process listens on a port that RKE2 needs', 'Stop the process that is named.'),
  'port-unreachable': error(
    'A machine cannot reach ports of a server that it needs',
    'Open the TCP ports that are named between the nodes, or fix internal_ip in the cluster file.',
  ),
  'nm-cloud-setup': error(
    'nm-cloud-setup is enabled, and RKE2’s services refuse to start beside it',
    'Let Slipway turn it off (host_settings: [network-manager] below spec), or do it yourself: systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer, and boot again.',
  ),
  'foreign-tool': acceptable(
    'A program or file of somebody else’s has the name of one of the tools that root is to get',
    'Remove it on the machine where nobody needs it, or accept it: it stays, and root goes on with it.',
  ),
  'owned-by-another': error(
    'The machine belongs to another cluster, or to another installation of Slipway',
    'Use another machine; or, where that cluster does not need this one any more, take it out there (kubectl delete node, as the finding shows it), and then on the machine, as root: rke2-uninstall.sh; rm -r /var/lib/slipway.',
  ),
  'earlier-install': error(
    'An earlier Kubernetes lies on the machine',
    'Uninstall it (rke2-uninstall.sh, k3s-uninstall.sh, kubeadm reset) or use a fresh machine.',
  ),
  'cgroup-missing': error(
    'The kernel offers no cgroup controller of a kind that RKE2 needs, and RKE2 refuses to start',
    'Boot with `cgroup_enable=memory cgroup_memory=1`, or without cgroup_disable=; in a container, let its host delegate them.',
  ),
  'module-missing': error(
    'A kernel module that RKE2 needs can neither be found nor loaded',
    'Install the modules of the kernel, or take the line `install NAME …` out of /etc/modprobe.d.',
  ),
  'kernel-parameters': acceptable(
    'The profile cis needs kernel parameters that cannot be set on the machine itself, as in a container, and kubelet ends without them',
    'Set them on the machine around it (the finding names them), or accept it.',
  ),
  'kernel-parameters-later': acceptable(
    'Files on the machine set kernel parameters back that the profile cis needs, so that kubelet ends after the next boot',
    'On the machine: take the lines that are named out of these files; or accept it.',
  ),
  'foreign-cni': acceptable(
    'The configuration of another container network (podman, Docker, CRI-O …) lies in /etc/cni/net.d',
    'Remove the file where it is not needed, or accept it.',
  ),
  'foreign-cni-first': error(
    'The configuration of another container network stands before RKE2’s own: pods would get addresses of it',
    'Remove the file, or give it a name behind that of RKE2’s.',
  ),
  'internal-ip-elsewhere': error(
    'internal_ip is no address of the machine: etcd and kubelet could not bind to it',
    'Write the address by which the other nodes reach this machine, or give it to the machine.',
  ),
  'same-machine': error(
    'Several nodes of the cluster file are one machine under several addresses',
    'Keep one of these nodes in the cluster file, and give each other one a machine of its own.',
  ),
  'endpoint-unresolved': error(
    'Machines cannot resolve the name of the API endpoint',
    'Put the name into the DNS that the machines ask, or into their /etc/hosts; or write an address.',
  ),
} as const satisfies Record<string, FindingEntry>
