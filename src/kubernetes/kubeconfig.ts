import { composeDocument } from '../domain/clusterFile/compose.ts'
import { plainTree } from '../domain/clusterFile/plainTree.ts'
import type { ApiAccess } from './apiAccess.ts'
import { clientCertificateOf, isAuthority } from './clientCertificate.ts'
import { type Fields, flatten, isFields, refuse, textOf } from './kubeconfigFields.ts'

/** Characters. One with a hundred clusters has some 500,000. */
const longest = 1024 * 1024

/**
 * The way to the cluster of the current context, from a kubeconfig that holds all it needs. No secret is quoted.
 * @param now certificates are looked at as of then
 * @throws SlipwayError `kubeconfig-invalid`.
 */
export function readKubeconfig(text: string, now: Date = new Date()): ApiAccess {
  const file = contentsOf(text)
  const current = textOf(file, 'current-context', '')
  if (current === null)
    return refuse('it has no current context', 'Set one: `kubectl --kubeconfig FILE config use-context NAME`.')
  const context = entryOf(file, 'contexts', 'context', current)
  const place = `contexts “${current}”`
  const name = (key: 'cluster' | 'user') =>
    textOf(context, key, place) ?? refuse(`its context “${current}” names no ${key}`)
  return {
    ...clusterOf(entryOf(file, 'clusters', 'cluster', name('cluster')), name('cluster')),
    ...userOf(entryOf(file, 'users', 'user', name('user')), name('user'), now),
  }
}

function contentsOf(text: string): Fields {
  if (text.length > longest) return refuse(`it has more than ${longest.toLocaleString('en')} characters`)
  const composed = composeDocument(text)
  if (!composed.ok) return refuse(placed(text, composed.refusals[0]), isYaml)
  const { value, refusals } = plainTree(composed.root)
  // Installation hints of plugins have many lines; whatever is read here is judged by its own form.
  const refusal = refusals.find(found => found.name !== 'control-character')
  if (refusal) return refuse(placed(text, refusal), isYaml)
  if (!isFields(value)) return refuse('it is empty, or no kubeconfig')
  return value
}

const isYaml = 'Is this the right file? A kubeconfig is YAML; `kubectl config view --raw --flatten` writes one.'

const placed = (text: string, refusal: { offset: number; message: string } | undefined): string =>
  refusal ? `line ${text.slice(0, refusal.offset).split('\n').length}: ${refusal.message}` : 'it is no YAML'

function entryOf(file: Fields, list: string, key: string, name: string): Fields {
  const entries = file[list] ?? []
  const entry = Array.isArray(entries) ? entries.find(one => isFields(one) && one['name'] === name) : undefined
  const found: unknown = isFields(entry) ? entry[key] : undefined
  return isFields(found) ? found : refuse(`it has no ${key} “${name}”`, `Add it to \`${list}\`, or name another one.`)
}

type OfCluster = Pick<ApiAccess, 'server' | 'ca' | 'tlsServerName' | 'insecure' | 'proxy'>

function clusterOf(cluster: Fields, name: string): OfCluster {
  const place = `cluster “${name}”`
  const ca = embedded(cluster, 'certificate-authority', place)
  if (ca !== null && !isAuthority(ca))
    return refuse(`${place}: certificate-authority-data holds no certificate in PEM form`)
  const insecure = cluster['insecure-skip-tls-verify'] ?? false
  if (typeof insecure !== 'boolean') return refuse(`${place}: insecure-skip-tls-verify is neither true nor false`)
  if (insecure && ca !== null)
    return refuse(
      `${place}: it has a CA, and insecure-skip-tls-verify says not to use it`,
      'Remove insecure-skip-tls-verify.',
    )
  return {
    server: serverOf(textOf(cluster, 'server', place), place),
    ca,
    tlsServerName: textOf(cluster, 'tls-server-name', place),
    insecure,
    proxy: proxyOf(textOf(cluster, 'proxy-url', place), place),
  }
}

function serverOf(written: string | null, place: string): string {
  const url = URL.parse(written ?? '')
  if (!url || !/^https?:$/.test(url.protocol))
    return refuse(`${place}: server is no URL of http or https`, 'Write it like https://10.0.0.1:6443.')
  if (url.username || url.password || url.search || url.hash)
    return refuse(
      `${place}: server has a login or a query in it`,
      'Write it like https://10.0.0.1:6443; a login belongs into `users`.',
    )
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function proxyOf(written: string | null, place: string): string | null {
  if (written === null) return null
  const url = URL.parse(written)
  return url && /^https?:$/.test(url.protocol)
    ? url.href
    : refuse(
        `${place}: proxy-url is no URL of http or https`,
        'Write it like http://10.0.0.1:3128; a SOCKS proxy is not supported.',
      )
}

function userOf(user: Fields, name: string, now: Date): Pick<ApiAccess, 'certificate' | 'authorization'> {
  const place = `user “${name}”`
  for (const [key, why] of Object.entries(notFollowed))
    if (key in user)
      return refuse(`${place}: ${key} ${why}`, 'Make a kubeconfig with a client certificate or a token for it.')
  if (textOf(user, 'tokenFile', place) !== null && textOf(user, 'token', place) === null)
    return refuse(`${place}: tokenFile is the path of a file`, flatten)
  const access = {
    certificate: clientCertificateOf(
      embedded(user, 'client-certificate', place),
      embedded(user, 'client-key', place),
      place,
      now,
    ),
    authorization: authorizationOf(user, place),
  }
  if (!access.certificate && access.authorization === null)
    return refuse(`${place}: it has neither a client certificate nor a token`)
  return access
}

/** What would have us act by programs of others, or as somebody else than the credentials say. */
const notFollowed = {
  exec: 'runs a program to log in, and Slipway runs none of others',
  'auth-provider': 'needs a plugin of kubectl to log in',
  as: 'acts as another user',
  'as-uid': 'acts as another user',
  'as-groups': 'acts as another user',
  'as-user-extra': 'acts as another user',
}

function authorizationOf(user: Fields, place: string): string | null {
  const token = textOf(user, 'token', place)
  if (token !== null)
    return /^[\x21-\x7e]+$/.test(token) ? `Bearer ${token}` : refuse(`${place}: token has signs that no token has`)
  const username = textOf(user, 'username', place)
  const password = textOf(user, 'password', place)
  if (username === null && password === null) return null
  return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`
}

/** `KEY-data`, decoded. Beside it `KEY` means nothing, as in kubectl; alone it is a path, which is refused. */
function embedded(entry: Fields, key: string, place: string): string | null {
  const data = textOf(entry, `${key}-data`, place)
  if (data === null)
    return textOf(entry, key, place) === null ? null : refuse(`${place}: ${key} is the path of a file`, flatten)
  const packed = data.replace(/\s/g, '')
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed))
    return refuse(`${place}: ${key}-data is no base64`)
  return Buffer.from(packed, 'base64').toString('utf8')
}
