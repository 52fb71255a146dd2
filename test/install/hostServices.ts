import type { InstallLab } from './harness.ts'

/**
 * Services that stand in RKE2's way, as lab hosts do not have them: their units are real ones of systemd, and their programs
 * do no more than read what the real ones would read. A lab host has no kernel of its own for the rest.
 */

/** A folder that is read by a service at its start and at a reload, into /run/NAME. */
const unit = (lines: readonly string[]) => ['[Service]', ...lines, '[Install]', 'WantedBy=multi-user.target'].join('\n')

/** As fapolicyd's own (1.1): refuses rules in one file beside the folder, strips comments, and puts all together by name. */
const fagenrules = `#!/bin/sh
rules=/etc/fapolicyd/rules.d compiled=/etc/fapolicyd/compiled.rules
case "$*" in ''|--check|--load) ;; *) echo "Usage: $0 [--check|--load]"; exit 1 ;; esac
[ -d $rules ] || { echo "$0: No rules directory - $rules"; exit 1; }
[ ! -e /etc/fapolicyd/fapolicyd.rules ] || { echo 'Error - both old and new rules exist. Delete one or the other'; exit 1; }
for file in $(ls -1v $rules | grep '\\.rules$'); do cat $rules/$file; done | grep -v '^\\s*#' | grep . > /run/new.rules
[ "$*" = --check ] || cp /run/new.rules $compiled`

/** As NetworkManager reads: \`+=\` adds to what files before have said, \`=\` forgets it; a comment is no key. */
const readManager = `#!/bin/sh
cat /etc/NetworkManager/NetworkManager.conf $(ls /etc/NetworkManager/conf.d/*.conf 2>/dev/null) |
  sed -n 's/^unmanaged-devices//p' | { all=
  while read -r line; do case $line in +=*) all="$all,\${line#+=}" ;; =*) all=\${line#=} ;; esac; done; echo "$all"; } > /run/unmanaged`

const files = {
  firewalld: { '/etc/systemd/system/firewalld.service': unit(['ExecStart=/bin/sleep infinity']) },
  NetworkManager: {
    '/etc/NetworkManager/NetworkManager.conf':
      '[main]\nplugins=keyfile\n[keyfile]\nunmanaged-devices=interface-name:eth9',
    '/etc/NetworkManager/conf.d/10-theirs.conf': '[main]',
    '/usr/sbin/read-manager': readManager,
    '/etc/systemd/system/NetworkManager.service': unit([
      'ExecStartPre=/usr/sbin/read-manager',
      'ExecStart=/bin/sleep infinity',
      'ExecReload=/usr/sbin/read-manager',
    ]),
    '/etc/systemd/system/nm-cloud-setup.service': unit(['Type=oneshot', 'ExecStart=/bin/true']),
    '/etc/systemd/system/nm-cloud-setup.timer': '[Timer]\nOnBootSec=1h\n[Install]\nWantedBy=timers.target',
  },
  fapolicyd: {
    '/etc/fapolicyd/rules.d/90-deny-execute.rules': '# theirs\ndeny_audit perm=execute all : all',
    '/usr/sbin/fagenrules': fagenrules,
    '/etc/systemd/system/fapolicyd.service': unit([
      'ExecStartPre=/usr/sbin/fagenrules',
      'ExecStartPre=/bin/cp /etc/fapolicyd/compiled.rules /run/rules-in-use',
      'ExecStart=/bin/sleep infinity',
    ]),
  },
} satisfies Record<string, Readonly<Record<string, string>>>

export type HostService = keyof typeof files

/** Installs services on a host, enabled and running. */
export async function giveServices(lab: InstallLab, host: string, ...services: readonly HostService[]): Promise<void> {
  const written = services.flatMap(service =>
    Object.entries(files[service]).map(([path, content]) => {
      const encoded = Buffer.from(`${content}\n`).toString('base64')
      return `mkdir -p $(dirname ${path}) && echo ${encoded} | base64 -d > ${path}${path.startsWith('/usr/sbin/') ? ` && chmod 755 ${path}` : ''}`
    }),
  )
  const units = services.flatMap(service =>
    service === 'NetworkManager' ? [service, 'nm-cloud-setup.service', 'nm-cloud-setup.timer'] : [service],
  )
  const started = units.filter(name => name !== 'nm-cloud-setup.service')
  await lab.read(
    host,
    [
      ...written,
      'systemctl daemon-reload',
      `systemctl enable --quiet ${units.join(' ')}`,
      `systemctl start ${started.join(' ')}`,
    ].join(' && '),
  )
}
