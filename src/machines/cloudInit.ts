import { stringify } from 'yaml'

export interface FirstBoot {
  readonly hostname: string
  readonly user: string
  /** One line, as in authorized_keys. */
  readonly publicKey: string
}

/**
 * What a machine is told at its first boot: who it is, and who may log in. Nothing secret is in it: at most providers
 * everybody on the machine can read it.
 */
export function cloudInitText({ hostname, user, publicKey }: FirstBoot): string {
  const login =
    user === 'root'
      ? { name: 'root', lock_passwd: true, ssh_authorized_keys: [publicKey] }
      : {
          name: user,
          shell: '/bin/bash',
          sudo: 'ALL=(ALL) NOPASSWD:ALL',
          lock_passwd: true,
          ssh_authorized_keys: [publicKey],
        }
  const config = {
    hostname,
    // The name is in /etc/hosts, so that sudo and others find it without a name server.
    manage_etc_hosts: true,
    preserve_hostname: false,
    ssh_pwauth: false,
    disable_root: user !== 'root',
    users: [login],
  }
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`
}
