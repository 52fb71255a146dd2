import { describe, expect, it } from 'vitest'
import { findingsOf } from './written.fixture.ts'
import { carriesLogin, holdsLogin } from '../../../../domain/values/logins.ts'

const logins = [
  'http://bob:hunter2@proxy:3128',
  'bob:hunter2@proxy:3128',
  ' bob:hunter2@proxy',
  '//bob:hunter2@proxy',
  'http:/bob:hunter2@proxy',
  'http://bob:hun/ter2@proxy:3128',
  'http://bob:hun@ter2@proxy:3128',
  'http://bob:hun?ter#2@proxy',
  'bob:hun/ter2@proxy:3128',
  'bob:hun@ter2@proxy',
  'http://bob:12ab/34@proxy',
  'http://bob@proxy',
  'socks5://bob:hunter2@proxy',
]
const plain = [
  'http://proxy:3128',
  'proxy:3128',
  'https://mirror.example.org:8443/@scope/rke2',
  'docker.io/rancher/pause:3.6@sha256:0123456789abcdef',
  'registry.example:5000/rancher/pause:3.6@sha256:0123456789abcdef',
]
const notLogins = ['@daily', '@every 6h', 'backups@prod', 'pause:3.6@sha256:0123', 'a=b@c', 'kubelet: told @ 10']

describe('a login in a value', () => {
  it.each(logins)('is seen in a URL: %s', text => expect(holdsLogin(text)).toBe(true))
  it.each(logins.filter(text => /:\/\/|^\s*bob/.test(text)))('is seen in any value: %s', text =>
    expect([text, `--proxy=${text.trim()}`, `proxy=${text.trim()}`].map(carriesLogin)).toEqual([true, true, true]),
  )
  it.each([...plain, ...notLogins, 7])('is not seen where there is none: %s', value =>
    expect(carriesLogin(value)).toBe(false),
  )
  it.each(plain.filter(text => /^(?:http|proxy)/.test(text)))('is not seen in a URL without: %s', text =>
    expect(holdsLogin(text)).toBe(false),
  )

  it.each(logins.filter(text => /^(?:http:\/\/|bob:)/.test(text)))('is refused below extra, unquoted: %s', text => {
    const found = findingsOf([`cluster_vars: { extra: { etcd-s3-proxy: "${text}" } }`])
    expect(found).toEqual([expect.stringContaining('may hold no login')])
    expect(found.join()).not.toContain('hun')
  })
})
