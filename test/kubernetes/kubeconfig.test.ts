import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAuthority, ensureLeaf } from '../../lab/rke2/certificates.ts'
import { SlipwayError } from '../../src/domain/errors.ts'
import { readKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { kubeconfigText } from './kubeconfigText.ts'

const folder = temporaryFolder('kubeconfig')
const at = (name: string) => join(folder, name)
await createAuthority(at('ca'), 'test-ca')
const names = ['admin', 'other']
await Promise.all(
  names.map(commonName => ensureLeaf(at(commonName), { stem: at('ca') }, { commonName, uses: ['clientAuth'] })),
)
const file = (name: string) => readFile(at(name), 'utf8')
const [ca, certificate, key, otherKey] = await Promise.all(['ca.crt', 'admin.crt', 'admin.key', 'other.key'].map(file))
if (!ca || !certificate || !key || !otherKey) throw new Error('no certificates')
afterAll(() => rm(folder, { recursive: true, force: true }))

const packed = (text: string) => Buffer.from(text).toString('base64')
const token = 'secret-token-0123456789'
const password = 'secret-password'
const server = 'https://10.0.0.1:6443'
const cluster = { server, 'certificate-authority-data': packed(ca) }
const admin = { 'client-certificate-data': packed(certificate), 'client-key-data': packed(key) }

describe('a kubeconfig', () => {
  it('is read with its client certificate', () => {
    expect(readKubeconfig(kubeconfigText(cluster, admin))).toEqual({
      server,
      ca,
      tlsServerName: null,
      insecure: false,
      proxy: null,
      certificate: { certificate, key },
      authorization: null,
    })
  })

  it.each([
    ['a token', { token }, `Bearer ${token}`],
    ['a token beside the path of a file, which it stands above', { token, tokenFile: '/x' }, `Bearer ${token}`],
    ['a password', { username: 'me', password }, `Basic ${packed(`me:${password}`)}`],
  ])('is read with %s', (_what, user, authorization) => {
    expect(readKubeconfig(kubeconfigText(cluster, user))).toMatchObject({ authorization, certificate: null })
  })

  it('is read with a path of its server, a name of its certificate and a proxy', () => {
    const text = kubeconfigText(
      {
        server: 'https://rancher.test/k8s/clusters/c-1/',
        'tls-server-name': 'api.test',
        'proxy-url': 'http://10.0.0.9:3128',
        'insecure-skip-tls-verify': true,
      },
      { token },
    )
    expect(readKubeconfig(text)).toMatchObject({
      server: 'https://rancher.test/k8s/clusters/c-1',
      ca: null,
      tlsServerName: 'api.test',
      insecure: true,
      proxy: 'http://10.0.0.9:3128/',
    })
  })

  it('is that of its current context only: others may need what is refused', () => {
    const others = `${kubeconfigText(cluster, { token })}
  - name: gke
    user:
      exec:
        command: gke-gcloud-auth-plugin
        installHint: |-
          Install it.
          Then try again.
`
    expect(readKubeconfig(others).authorization).toBe(`Bearer ${token}`)
  })

  const refused: readonly (readonly [string, string, string])[] = [
    ['that is empty', '', 'it is empty, or no kubeconfig'],
    ['that is a word', 'token', 'it is empty, or no kubeconfig'],
    ['that is no YAML', `a: "${token}\nb: [`, 'line 1: the quote that begins here is not closed'],
    ['with aliases in aliases', `a: &a [1]\nb: &b [*a]\nc: [*b]`, 'line 2: aliases inside of aliases'],
    ['of a size that none has', `a: ${'x'.repeat(1024 * 1024)}`, 'it has more than 1,048,576 characters'],
    [
      'that is nested deeply',
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      'line 1: the nesting goes deeper than 24 levels',
    ],
    ['without a current context', 'apiVersion: v1\nkind: Config\n', 'it has no current context'],
    ['whose context is missing', 'current-context: prod\ncontexts: []\n', 'it has no context “prod”'],
    [
      'whose context names no user',
      'current-context: prod\ncontexts: [{name: prod, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://a}}]',
      'its context “prod” names no user',
    ],
    [
      'whose cluster is missing',
      kubeconfigText(cluster, admin).replace('cluster: test', 'cluster: gone'),
      'it has no cluster “gone”',
    ],
    [
      'whose user is missing',
      kubeconfigText(cluster, admin).replace('user: test', 'user: gone'),
      'it has no user “gone”',
    ],
    ...(
      [
        ['whose server has no scheme', { server: '10.0.0.1:6443' }, 'server is no URL of http or https'],
        ['without a server', { server: undefined }, 'server is no URL of http or https'],
        ['whose server has a login', { server: `https://me:${password}@10.0.0.1` }, 'server has a login or a query'],
        [
          'whose CA is a path',
          { 'certificate-authority-data': undefined, 'certificate-authority': '/etc/ca.crt' },
          'certificate-authority is the path of a file',
        ],
        ['whose CA is no base64', { 'certificate-authority-data': '***' }, 'certificate-authority-data is no base64'],
        [
          'whose CA is no certificate',
          { 'certificate-authority-data': packed(key) },
          'certificate-authority-data holds no certificate in PEM form',
        ],
        [
          'whose CA is a damaged certificate',
          { 'certificate-authority-data': packed(ca.replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA')) },
          'certificate-authority-data holds no certificate in PEM form',
        ],
        ['with a CA that is not to be used', { 'insecure-skip-tls-verify': true }, 'it has a CA, and'],
        ['with a SOCKS proxy', { 'proxy-url': `socks5://me:${password}@10.0.0.9` }, 'proxy-url is no URL of http'],
      ] as const
    ).map(([what, part, message]) => [what, kubeconfigText({ ...cluster, ...part }, { token }), message] as const),
    ...(
      [
        ['that runs a program', { exec: { command: 'aws' } }, 'exec runs a program to log in'],
        ['of a plugin', { 'auth-provider': { name: 'oidc' } }, 'auth-provider needs a plugin of kubectl'],
        ['that acts as another user', { token, as: 'root' }, 'as acts as another user'],
        ['whose token is in a file', { tokenFile: '/run/token' }, 'tokenFile is the path of a file'],
        ['whose token is a number', { token: 12345678 }, 'token is no text'],
        ['whose token has two lines', { token: `${token}\nx: y` }, 'token has signs that no token has'],
        ['whose user has nothing', {}, 'it has neither a client certificate nor a token'],
        [
          'whose certificate is a path',
          { 'client-certificate': '/a.crt', 'client-key': '/a.key' },
          'client-certificate is the path of a file',
        ],
        [
          'whose certificate has no key',
          { ...admin, 'client-key-data': undefined },
          'it has client-certificate-data without client-key-data',
        ],
        ['whose key is damaged', { ...admin, 'client-key-data': packed(key.slice(0, 80)) }, 'holds no private key'],
        [
          'whose key is of another certificate',
          { ...admin, 'client-key-data': packed(otherKey) },
          'its client key is not that of its client certificate',
        ],
      ] as const
    ).map(([what, user, message]) => [what, kubeconfigText(cluster, user), message] as const),
  ]
  it.each(refused)('%s is refused, with what to do, and without its secrets', (_what, text, message) => {
    const error = refusalOf(() => readKubeconfig(text))
    expect(error).toMatchObject({ code: 'kubeconfig-invalid', message: expect.stringContaining(message) })
    expect(error.remedy).not.toBe('')
    const told = `${error.message} ${error.remedy} ${JSON.stringify(error.facts)}`
    for (const secret of [token, password, packed(password), key.slice(40, 80), packed(key).slice(40, 80)])
      expect(told).not.toContain(secret)
  })

  it('whose certificate has expired is refused, and says when that was', () => {
    const read = (now: string) => refusalOf(() => readKubeconfig(kubeconfigText(cluster, admin), new Date(now)))
    const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10)
    expect(read('2099-01-01').message).toContain(`its client certificate expired at ${inAYear}T`)
    expect(read('2001-01-01').message).toContain('its client certificate is not valid before')
  })
})

function refusalOf(read: () => unknown): SlipwayError {
  try {
    read()
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error('it was not refused')
}
