import { z } from 'zod'

/**
 * Names that travel into file names, host names, Ansible inventories and Kubernetes objects. The rules are
 * Kubernetes' own (RFC 1123), so that nothing that is accepted here has to be quoted anywhere.
 */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

export const clusterName = z
  .string()
  .regex(
    label,
    'a name has lower-case letters, digits and hyphens, at most 63, and begins and ends with a letter or digit',
  )

/** A node's name in Kubernetes and its inventory name. Names that Ansible gives a meaning of its own are refused. */
export const hostname = z
  .string()
  .max(253)
  .regex(subdomain, 'a hostname has lower-case letters, digits, hyphens and dots only (RFC 1123)')
  .refine(name => !reservedInventoryNames.has(name), 'this name has a meaning of its own in Ansible')

const reservedInventoryNames = new Set(['all', 'ungrouped', 'localhost', 'masters', 'workers'])

/** A login name as useradd accepts it. */
export const loginName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}\$?$/, 'not a login name')

/** An IPv4 or IPv6 address, without zone or prefix length. */
export const ipAddress = z.union([z.ipv4(), z.ipv6()], { error: 'not an IPv4 or IPv6 address' })

/** Free text that reaches a configuration file: no control characters, no template markers (facts: Jinja renders vars again). */
export const plainText = z
  .string()
  .refine(text => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'control characters and line breaks are not allowed')
  .refine(text => !/\{\{|\{%|\{#/.test(text), 'template markers ({{, {%, {#) are not allowed')

/** Whether a URL carries `user:password@`, also one that is not well written otherwise. */
export const holdsLogin = (url: string): boolean => /^\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*[^/?#\\]*@/i.test(url)
