import type { Finding } from '../../../domain/errors.ts'
import type { AcceptableWarning } from '../../../domain/findingCatalogue.ts'
import type { ClusterArguments } from '../arguments.ts'
import type { Candidate } from '../candidate.ts'
import type { HostSetting } from '../spec/hostSettings.ts'
import { parseRke2Version } from '../spec/version.ts'

/** The way in which Slipway does it; the cluster file says so, and plan and drift go by it. */
const way = (word: HostSetting) => `With \`host_settings: [${word}]\` below spec Slipway`

/** Services of a machine that stand in RKE2's way and that the cluster file asks nothing about. */
export function hostSettingFindings(
  { node, facts }: Candidate,
  { version, host_settings = [] }: Pick<ClusterArguments, 'version' | 'host_settings'>,
): Finding[] {
  const about = `node ${node.hostname}`
  const asked = new Set(host_settings)
  const warning = (name: AcceptableWarning, message: string, remedy: string): Finding => ({
    name,
    severity: 'warning',
    about,
    message,
    remedy,
  })
  const firewall = (name: 'firewalld' | 'ufw', off: string): Finding[] =>
    (facts.firewall[name] || facts.host_settings.on.includes(`${name}.service`)) && !asked.has(name)
      ? [
          warning(
            `${name}-on`,
            `${name} ${facts.firewall[name] ? 'is active' : 'starts with the next boot'}: it breaks the network of pods`,
            `${way(name)} turns it off until the machine leaves the cluster; or turn it off yourself (${off}); or, with RKE2’s ports open between the nodes and the ranges of pods and services trusted, --accept ${name}-on.`,
          ),
        ]
      : []
  return [
    ...firewall('firewalld', 'systemctl disable --now firewalld'),
    ...firewall('ufw', 'ufw disable'),
    ...fapolicyd(),
    ...networkManager(),
  ]

  function fapolicyd(): Finding[] {
    const { takes_rules } = facts.host_settings.fapolicyd
    if (!facts.fapolicyd.active || facts.fapolicyd.allows_rke2 || (asked.has('fapolicyd') && takes_rules)) return []
    return [
      warning(
        'fapolicyd-on',
        'fapolicyd is active and has no rules for RKE2: it forbids its programs to run',
        takes_rules
          ? `${way('fapolicyd')} brings them; or write them yourself, into /etc/fapolicyd/rules.d/80-rke2.rules; or accept it with --accept fapolicyd-on.`
          : 'Its rules are in /etc/fapolicyd/fapolicyd.rules, as in its earlier versions: allow RKE2’s folders there yourself, before the first rule that denies, and accept it with --accept fapolicyd-on.',
      ),
    ]
  }

  function networkManager(): Finding[] {
    if (asked.has('network-manager')) return []
    const { active, ignores_cni, cloud_setup } = facts.network_manager
    const found: Finding[] = []
    if (cloud_setup && refusesCloudSetup(version))
      found.push({
        name: 'nm-cloud-setup',
        severity: 'error',
        about,
        message: `nm-cloud-setup is enabled: the services of RKE2 ${version} refuse to start beside it`,
        remedy: `${way('network-manager')} turns it off; or do it yourself: systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer, and boot again.`,
      })
    if (active && !ignores_cni)
      found.push(
        warning(
          'network-manager',
          'NetworkManager manages the interfaces of pods',
          `${way('network-manager')} tells it to leave them alone; or do it yourself (RKE2’s known issues); or accept it with --accept network-manager.`,
        ),
      )
    return found
  }
}

/** First patch of a minor whose units no longer look for nm-cloud-setup; later minors never do, earlier ones always. */
const withoutCheck: Readonly<Record<number, number>> = { 33: 7, 34: 3 }

export function refusesCloudSetup(version: string): boolean {
  const { minor, patch } = parseRke2Version(version)
  return minor < 35 && patch < (withoutCheck[minor] ?? Number.POSITIVE_INFINITY)
}
