import { expect, it } from 'vitest'
import type { ApiAccess } from './apiAccess.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { kubeconfigText } from './kubeconfigText.ts'

const access: ApiAccess = {
  server: 'https://[fd00::1]:6443/behind/a/path',
  ca: null,
  tlsServerName: 'api.test',
  insecure: true,
  proxy: 'http://10.0.0.1:3128/',
  certificate: null,
  authorization: 'Bearer secret',
}

it.each<[string, Partial<ApiAccess>]>([
  ['a token', {}],
  ['a login', { authorization: `Basic ${Buffer.from('jane:with:colons').toString('base64')}` }],
  ['nothing but what is needed', { tlsServerName: null, insecure: false, proxy: null }],
])('a kubeconfig leads where it was made for: with %s', (_what, more) => {
  expect(readKubeconfig(kubeconfigText({ ...access, ...more }, 'prod'))).toEqual({ ...access, ...more })
})
