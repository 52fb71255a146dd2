import { createHash } from 'node:crypto'
import { canonicalAddress, familyOf } from '../../../domain/addresses.ts'
import { ownFileMark } from '../files/hostFiles.ts'

/** As `python/slipway/rke2/vip.py` looks for them. */
export const vipPaths = {
  configuration: '/etc/keepalived/slipway-vip.conf',
  check: '/usr/libexec/keepalived/slipway-vip-check',
  unit: '/etc/systemd/system/slipway-vip.service',
} as const

/** What keepalived on one server is to know. */
export interface KeepalivedSettings {
  readonly cluster: string
  readonly hostname: string
  /** The VIP. */
  readonly address: string
  /** Interface of the server's own address, and that of the VIP. */
  readonly interface: string
  readonly vipInterface: string
  /** The server's own address among the other ones. */
  readonly own: string
  readonly peers: readonly string[]
  readonly routerId: number
  /** 1–254; no two servers have the same. */
  readonly priority: number
  /** Eight signs. */
  readonly password: string
  readonly dataDir: string
}

/** Of the VIP, when none is given: servers of one VIP have the same, and those of another one most probably another one. */
export const routerIdOf = (address: string): number =>
  ((createHash('sha256').update(canonicalAddress(address)).digest()[0] ?? 0) % 255) + 1

/**
 * By unicast, since many networks filter multicast. Who holds the VIP keeps it until its server serves no more (nopreempt),
 * and then gives it up at once: a check without a weight, as a weight and nopreempt do not go together. The VIP has the
 * prefix of a single address: it brings no route along, and nobody takes it for the sender's address of his own.
 */
export function keepalivedText(settings: KeepalivedSettings): string {
  const { address, peers } = settings
  const isSix = familyOf(address) === 6
  // VRRP knows a password up to version 2, and IPv6 from version 3 on; who is not among the peers is not heard either way.
  const word = isSix
    ? '  version 3\n'
    : `  authentication {\n    auth_type PASS\n    auth_pass ${settings.password}\n  }\n`
  const others = peers.length === 0 ? '' : `  unicast_peer {\n${peers.map(peer => `    ${peer}\n`).join('')}  }\n`
  return `${ownFileMark}
global_defs {
  router_id ${settings.hostname}
  enable_script_security
  script_user root
  vrrp_check_unicast_src
}
vrrp_script slipway_server {
  script "${vipPaths.check} ${settings.dataDir}"
  interval 2
  timeout 5
  fall 2
  rise 1
  init_fail
}
vrrp_instance slipway_${settings.cluster} {
  state BACKUP
  nopreempt
  interface ${settings.interface}
  virtual_router_id ${settings.routerId}
  priority ${settings.priority}
  advert_int 1
  unicast_src_ip ${settings.own}
${others}${word}  virtual_ipaddress {
    ${address}/${isSix ? 128 : 32} dev ${settings.vipInterface}
  }
  track_script {
    slipway_server
  }
}
`
}

/** A unit of its own: keepalived's own one, and whatever others let it do, are left alone. */
export const unitText = (program: string): string => `${ownFileMark}
[Unit]
Description=Virtual IP of the Kubernetes API, held by keepalived
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${program} --dont-fork --vrrp --use-file=${vipPaths.configuration} --pid=/run/keepalived-slipway.pid --vrrp_pid=/run/keepalived-slipway-vrrp.pid
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`

/** `python`: the interpreter of the host. `source`: python/slipway/rke2/vip_check.py. */
export const checkText = (python: string, source: string): string => `#!${python} -IS\n${ownFileMark}\n${source}`
