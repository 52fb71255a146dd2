import { address6Of, addressOf, controllerAddress } from './addresses.ts'
import { keyFile, knownHostsFile, sshConfigFile, sudoPasswordFile, sudoUser } from './identity.ts'
import { releaseFaultsFile } from './places.ts'
import type { HostRecord, LabRecord } from './record.ts'
import { releasesPort } from './release-server.ts'

export interface HostAddress {
  name: string
  address: string
  address6?: string
  user: string
  port: number
  key_file: string
}

/** What `lab/lab up` prints: snake_case, as in cluster.yaml. */
export interface LabDescription {
  hosts: HostAddress[]
  /** The host through which all others are reached, if they are behind one. */
  jump?: HostAddress
  artifact_url: string | null
  versions: string[]
  /** May be written: what downloads of releases suffer (lab/releases/faults.ts). */
  release_faults_file: string
  known_hosts_file: string
  ssh_config_file: string
  /** May use sudo with the password in the file; root needs none. */
  sudo_user: string
  sudo_password_file: string
}

export function describeLab(lab: LabRecord): LabDescription {
  const jump = lab.hosts.find(host => host.place === 'jump')
  return {
    hosts: lab.hosts.filter(host => host !== jump).map(host => describeHost(lab, host)),
    ...(jump ? { jump: describeHost(lab, jump) } : {}),
    artifact_url: lab.releases && `http://${controllerAddress(lab)}:${releasesPort}`,
    versions: lab.versions,
    release_faults_file: releaseFaultsFile(lab.name),
    known_hosts_file: knownHostsFile(lab.name),
    ssh_config_file: sshConfigFile(lab.name),
    sudo_user: sudoUser,
    sudo_password_file: sudoPasswordFile(lab.name),
  }
}

export function describeHost(lab: LabRecord, host: HostRecord): HostAddress {
  const address6 = host.place === 'inside' ? null : address6Of(lab, host)
  const base = { name: host.name, address: addressOf(lab, host), user: 'root', port: 22, key_file: keyFile(lab.name) }
  return address6 ? { ...base, address6 } : base
}
