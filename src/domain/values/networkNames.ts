import { isIP } from 'node:net'
import type { ValueFault } from './forms.ts'

const hostLabels =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*$/

/** The host of what was written as a URL, with a port or as a range; empty when there is none. */
function hostIn(text: string): string {
  const [, bracketed, plain] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?(?:\[([^\]]*)\]|([^:/?#\s]*))/i.exec(text) ?? []
  return bracketed ?? plain ?? ''
}
const instead = (text: string, otherwise: string): string => {
  const host = hostIn(text)
  return host !== '' && host !== text && isHost(host) && !/\s/.test(text) ? `Write ${host} alone.` : otherwise
}
const isHost = (text: string): boolean => isIP(text) !== 0 || hostLabels.test(text)

/** A name or an address that a certificate is to be valid for. */
export function subjectFault(text: string): ValueFault | null {
  const name = text.startsWith('*.') ? text.slice(2) : text
  if (isHost(name) && !(name !== text && isIP(name) !== 0) && !looksLikeAddress(name)) return null
  return {
    message: 'a certificate names hosts and addresses: no URL, no port, no range',
    remedy: instead(text, 'Write a host name or an address, like api.example.com or 10.0.0.5.'),
  }
}

/** Digits and dots only are an address or a mistake: no top-level domain is a number. */
const looksLikeAddress = (name: string): boolean => isIP(name) === 0 && /(?:^|\.)\d+$/.test(name)

/** The domain of the services, like cluster.local. */
export function domainFault(text: string): ValueFault | null {
  const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
  if (new RegExp(`^(?=.{1,200}$)${label}(?:\\.${label})*$`).test(text) && !/(?:^|\.)\d+$/.test(text)) return null
  return {
    message: 'a domain has lower-case letters, digits and hyphens, with dots between its parts',
    remedy: 'Write it like cluster.local, without a dot at its ends.',
  }
}

/** A registry by host and port: `HOST[:PORT]`. */
export function registryHostFault(text: string): ValueFault | null {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  const bare = host.replace(/^\[|\]$/g, '')
  if (isHost(bare) && (port === undefined || (Number(port) > 0 && Number(port) < 65536))) return null
  const written = /^[a-z]+:\/\/([^/@]+)\/?$/i.exec(text)?.[1]
  return {
    message: 'a registry is named by host and port: no URL, no path',
    remedy: written ? `Write ${written}.` : 'Write it like registry.example.com or registry.example.com:5000.',
  }
}

/** The ports that services of type NodePort are given: `FIRST-LAST`, `FIRST+MORE`, or one. */
export function portRangeOf(text: string): { readonly first: number; readonly last: number } | null {
  const [, low, sign, high] = /^\s*(\d{1,5})(?:([-+])(\d{1,5}))?\s*$/.exec(text) ?? []
  if (low === undefined) return null
  const first = Number(low)
  const last = high === undefined ? first : sign === '+' ? first + Number(high) : Number(high)
  return first >= 1 && last <= 65535 && first <= last ? { first, last } : null
}

export const portRangeFault = (text: string): ValueFault | null =>
  portRangeOf(text)
    ? null
    : { message: 'not a range of ports within 1 and 65535', remedy: 'Write it like 30000-32767, the lower one first.' }

/** What is reached without the proxy, as Go reads NO_PROXY: one host, domain, address or range. */
export function noProxyFault(text: string): ValueFault | null {
  const several = text.split(/[;,\s]+/).filter(part => part !== '')
  if (several.length > 1)
    return {
      message: 'several entries stand in one',
      remedy: `Write each as an item of its own: no_proxy: [${several.join(', ')}].`,
    }
  if (text === '*' || isPlainException(text.replace(/^\*?\./, ''))) return null
  const host = hostIn(text)
  return {
    message: 'not a host, a domain, an address or a range',
    remedy:
      several[0] !== undefined && several[0] !== text && isPlainException(several[0])
        ? `Write ${several[0]}.`
        : host !== text && isHost(host) && !/^[\d.:a-f]+\/\d+$/i.test(text)
          ? `Write ${host} alone: no scheme, no path.`
          : 'Write it like 10.0.0.0/8, .example.com or registry.example.com.',
  }
}

function isPlainException(text: string): boolean {
  const [, bracketed, plain, port, bits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]/\s]*?))(?::(\d{1,5}))?(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const whole = isIP(text) !== 0
  const [network = '', length] = text.split('/')
  if (whole) return true
  if (isIP(network) !== 0 && length !== undefined)
    return (
      /^\d{1,3}$/.test(length) && Number(length) <= (isIP(network) === 6 ? 128 : 32) && text.split('/').length === 2
    )
  if (bits !== undefined) return false
  const host = bracketed ?? plain ?? ''
  return (
    (bracketed === undefined ? isHost(host) && !looksLikeAddress(host) : isIP(host) === 6) &&
    (port === undefined || (Number(port) > 0 && Number(port) < 65536))
  )
}
