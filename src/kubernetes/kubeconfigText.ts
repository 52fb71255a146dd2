import { stringify } from 'yaml'
import type { ApiAccess } from './apiAccess.ts'

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** A kubeconfig that leads to one cluster as one user, under one name: whatever else the file it came from held is left out. */
export function kubeconfigText(access: ApiAccess, name: string): string {
  const { server, ca, tlsServerName, insecure, proxy, certificate, authorization } = access
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(ca !== null && { 'certificate-authority-data': base64(ca) }),
          ...(tlsServerName !== null && { 'tls-server-name': tlsServerName }),
          ...(insecure && { 'insecure-skip-tls-verify': true }),
          ...(proxy !== null && { 'proxy-url': proxy }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          ...(certificate && {
            'client-certificate-data': base64(certificate.certificate),
            'client-key-data': base64(certificate.key),
          }),
          ...(authorization !== null && credentials(authorization)),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}

function credentials(authorization: string): Readonly<Record<string, string>> {
  const [scheme = '', value = ''] = authorization.split(' ', 2)
  if (scheme === 'Bearer') return { token: value }
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
