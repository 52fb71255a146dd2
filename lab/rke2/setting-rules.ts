import { parseAddress, type Address } from './address.ts'
import { Refused } from './refusal.ts'

export function checkUrl(server: string): void {
  if (!URL.canParse(server)) throw new Refused(`Invalid server url, failed to parse: ${server}`)
  if (new URL(server).protocol !== 'https:') {
    throw new Refused(`only https:// URLs are supported, invalid scheme: ${server}`)
  }
}

const networks = ['calico', 'canal', 'cilium', 'flannel']
const ingressControllers = ['ingress-nginx', 'traefik']

/** Values with none of them empty, split at commas. Throws Refused where a value is not among those that RKE2 has. */
export function checkCni(given: readonly string[]): void {
  const [meta, ...others] = given
  if (meta === 'multus' && others.length === 0) {
    throw new Refused('Failed to validate --cni flag: multus must be used alongside another primary cni selection')
  }
  if (given.length === 2 && meta !== 'multus') {
    throw new Refused('Failed to validate --cni flag: may only provide multiple values if multus is the first value')
  }
  if (given.length > 2) throw new Refused('Failed to validate --cni flag: must specify 1 or 2 values')
  checkAmong('cni', meta === 'multus' ? others : given, networks)
}

export function checkIngressController(given: readonly string[]): void {
  checkAmong('ingress-controller', given, ingressControllers)
}

function checkAmong(flag: string, given: readonly string[], valid: readonly string[]): void {
  for (const name of given) {
    if (name !== 'none' && !valid.includes(name)) {
      throw new Refused(`Invalid value ${name} for --${flag} flag: must be one of ${valid.join(',')}`)
    }
  }
}

export function checkEgressSelectorMode(mode: string): void {
  if (!['agent', 'cluster', 'pod', 'disabled'].includes(mode)) {
    throw new Refused(`invalid egress-selector-mode ${mode}`)
  }
}

export function checkCloudProvider(given: { name: boolean; config: boolean; externalIp: boolean }): void {
  if ((given.name || given.config) && given.externalIp) {
    throw new Refused("can't set node-external-ip while using cloud provider")
  }
  if (given.config && !given.name) {
    throw new Refused('--cloud-provider-config requires --cloud-provider-name to be provided')
  }
}

/** Reads the addresses of a setting. Throws Refused at the first that is none. */
export function addressesOf(key: string, given: readonly string[]): Address[] {
  return given.map(text => {
    const address = parseAddress(text)
    if (address === undefined) throw new Refused(`invalid ${key}: invalid ip format '${text}'`)
    return address
  })
}

/** A kubelet can't register under another name: it is in lower case by then. */
export function checkNodeName(name: string): void {
  if (name.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    throw new Refused(`Node "${name}" is invalid: metadata.name: Invalid value: "${name}"`, 'kubelet')
  }
}

/** RKE2 needs these of the control groups (version 2). */
export function checkControllers(controllers: readonly string[]): void {
  for (const name of ['cpu', 'pids']) {
    if (!controllers.includes(name)) throw new Refused(`failed to find ${name} cgroup (v2)`)
  }
}

/** Shape of the tokens that kubeadm makes: as a server's own token it can't be used, and RKE2 says so after etcd is there. */
export function checkServerToken(token: string): void {
  const credentials = /^K10(?:[^:]*::)?(.*)$/s.exec(token)?.[1] ?? `:${token}`
  const bootstrap = /^:?[a-z0-9]{6}\.[a-z0-9]{16}$/.test(credentials)
  const caHash = /^K10(.*?)::/s.exec(token)?.[1] ?? ''
  const colon = credentials.indexOf(':')
  const formed = colon >= 0 && colon < credentials.length - 1 && [0, 64].includes(caHash.length)
  if (bootstrap || !formed) {
    throw new Refused(
      'failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>',
    )
  }
}
