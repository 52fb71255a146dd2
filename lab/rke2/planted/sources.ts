import { field, onlySlipway, type PlantedFault } from './fault.ts'

const release = onlySlipway('there is no such release, so nothing of it is ever started')
const version = (wrong: string, right: string) => ({
  ...field('version', wrong, right),
  finding: 'bad-value' as const,
  says: /a version is written like v1\.34\.1\+rke2r1/,
  refused: release,
})
const mirrors = onlySlipway('it hands the file to containerd, which never finds the mirror')
const outside = onlySlipway('the proxy is a matter of its environment, which it does not look at')
const proxy = (no_proxy: unknown) => ({ http_proxy: 'http://proxy.example.com:3128', no_proxy })
const exception = (wrong: unknown, right: unknown) => ({
  ...field('proxy', proxy(wrong), proxy(right)),
  finding: 'bad-value' as const,
  refused: outside,
})
const range = '10.0.0.0/24'

/** The file of the server token. */
const token = (wrong: string, right: string) => ({
  given: { token_file: './token' },
  fault: {},
  neighbour: {},
  files: { fault: { token: wrong }, neighbour: { token: right } },
  at: 'token_file',
  finding: 'key-file-token' as const,
})
const notNormal = /^m1: rke2: failed to normalize server token/
const hash = 'b2'.repeat(32)

export const sources: readonly PlantedFault[] = [
  { what: 'a version without its release of RKE2', ...version('v1.34.1', 'v1.34.1+rke2r1') },
  { what: 'a version without its v', ...version('1.34.1+rke2r1', 'v1.34.2+rke2r1') },
  { what: 'a version of k3s', ...version('v1.34.1+k3s1', 'v1.34.1+rke2r2') },
  { what: 'a version as image tags have it', ...version('v1.34.1-rke2r1', 'v1.34.1-rc1+rke2r1') },
  { what: 'a channel in the place of a version', ...version('stable', 'v1.33.5+rke2r1') },
  {
    what: 'a token of the shape of a bootstrap token',
    ...token('abcdef.0123456789abcdef', 'abcdef-0123456789abcdef'),
    says: /it has the shape of a bootstrap token .*with which RKE2 never starts/,
    refused: notNormal,
  },
  {
    what: 'a bootstrap token of the secure form',
    ...token(`K10${hash}::abcdef.0123456789abcdef`, `K10${hash}::server:0123456789abcdef`),
    says: /not one of a server \(K10…::server:PASSWORD\)/,
    refused: notNormal,
  },
  {
    what: 'a token of the secure form without its password',
    ...token(`K10${hash}::server:`, `K10${hash}::server:a`),
    says: /not one of a server/,
    refused: notNormal,
  },
  {
    what: 'a token with half the hash of a CA',
    ...token(`K10${hash.slice(32)}::server:secret`, `K10${hash}::server:secret`),
    says: /not one of a server/,
    refused: notNormal,
  },
  {
    what: 'a token of an agent',
    ...token(`K10${hash}::node:secret`, 'secret'),
    says: /not one of a server/,
    refused: onlySlipway('the first server goes by the password in it, and those that join are refused'),
  },
  {
    what: 'a token with blanks',
    ...token('correct horse', 'correct-horse'),
    says: /blanks stand in the token/,
    refused: onlySlipway('it takes any text; the ways to those that join cut it at a blank'),
  },
  {
    what: 'an empty token',
    ...token('\n', 'token\n'),
    finding: 'key-file-empty',
    says: /it is empty Put the secret into it/,
    refused: onlySlipway('it makes a token of its own, which nobody here knows'),
  },
  {
    what: 'a mirror by its URL',
    ...field(
      'registries',
      { mirrors: { 'https://docker.io': { endpoint: ['https://mirror.example.com'] } } },
      { mirrors: { 'docker.io': { endpoint: ['https://mirror.example.com'] } } },
    ),
    at: 'registries.mirrors."https://docker.io"',
    finding: 'bad-key',
    says: /named by host and port: no URL, no path Write docker\.io\./,
    refused: mirrors,
  },
  {
    what: 'a mirror with a path',
    ...field('registries', { mirrors: { 'docker.io/library': null } }, { mirrors: { '*': null } }),
    at: 'registries.mirrors."docker.io/library"',
    finding: 'bad-key',
    says: /no URL, no path/,
    refused: mirrors,
  },
  {
    what: 'a login in the URL of a mirror',
    ...field(
      'registries',
      { mirrors: { 'docker.io': { endpoint: ['https://jane:secret@mirror.example.com'] } } },
      { mirrors: { 'docker.io': { endpoint: 'https://mirror.example.com' } } },
    ),
    at: 'registries.mirrors."docker.io".endpoint[0]',
    finding: 'bad-value',
    says: /^a URL may hold no login Remove USER:PASSWORD@; the login goes into configs\.HOST\.auth_file\.$/,
    refused: onlySlipway('it hands the URL on; the cluster file is stored and shown'),
  },
  {
    what: 'endpoints with a blank between them',
    ...field(
      'registries',
      { mirrors: { 'docker.io': { endpoint: 'https://a.example https://b.example' } } },
      { mirrors: { 'docker.io': { endpoint: ['https://a.example', 'https://b.example'] } } },
    ),
    at: 'registries.mirrors."docker.io".endpoint',
    finding: 'bad-value',
    says: /an endpoint is a URL without blanks/,
    refused: mirrors,
  },
  {
    what: 'a login in the open',
    ...field(
      'registries',
      { configs: { 'registry.example.com': { auth: { username: 'jane', password: 'secret' } } } },
      { configs: { 'registry.example.com': { tls: { insecure_skip_verify: true } } } },
    ),
    at: 'registries.configs."registry.example.com".auth',
    finding: 'unknown-key',
    says: /unknown key "auth".*auth_file/,
    refused: onlySlipway('it reads logins from its registries.yaml; the cluster file is stored and shown'),
  },
  {
    what: 'semicolons between exceptions',
    ...exception(`${range};.example.com`, [range, '.example.com']),
    at: 'proxy.no_proxy',
    says: /several entries stand in one Write each as an item/,
  },
  {
    what: 'an exception that is a URL',
    ...exception([range, 'http://intern.example.com'], [range, 'intern.example.com']),
    at: 'proxy.no_proxy[1]',
    says: /Write intern\.example\.com alone: no scheme/,
  },
  {
    what: 'an exception with half an address',
    ...exception([range, '10.1.'], [range, '10.1.0.0/16']),
    at: 'proxy.no_proxy[1]',
    says: /not a host, a domain, an address or a range/,
  },
  {
    what: 'an exception with a prefix that is too long',
    ...exception([range, '10.1.0.0/33'], [range, '10.1.0.0/32']),
    at: 'proxy.no_proxy[1]',
    says: /Write it like 10\.0\.0\.0\/8/,
  },
  {
    what: 'a proxy without exceptions for the servers',
    ...field('proxy', proxy(['.example.com']), proxy(['.example.com', range])),
    finding: 'no-proxy-incomplete',
    says: /does not cover 10\.0\.0\.11, 10\.0\.0\.12, 10\.0\.0\.13.*Write no_proxy: \[\.example\.com, 10\.0\.0\.11/,
    refused: outside,
  },
  {
    what: 'a proxy without its scheme',
    ...field(
      'proxy',
      { https_proxy: 'proxy.example.com:3128', no_proxy: range },
      { https_proxy: 'http://proxy.example.com:3128', no_proxy: range },
    ),
    at: 'proxy.https_proxy',
    finding: 'bad-value',
    says: /begins with http:\/\/ or https:\/\//,
    refused: outside,
  },
  {
    what: 'a login in the URL of a proxy',
    ...field(
      'proxy',
      { http_proxy: 'http://jane:secret@proxy:3128', no_proxy: range },
      { http_proxy: 'http://proxy:3128', no_proxy: range },
    ),
    at: 'proxy.http_proxy',
    finding: 'bad-value',
    says: /^a URL may hold no login Remove USER:PASSWORD@; Slipway has no place for the password of a proxy\.$/,
    refused: outside,
  },
  {
    what: 'two sources of releases',
    given: { artifact_path: './releases' },
    ...field('artifact_url', 'https://mirror.example.com/rke2', undefined),
    at: 'artifact_path',
    finding: 'two-sources',
    says: /artifact_url and artifact_path exclude each other/,
    refused: onlySlipway('it is not asked where it came from'),
  },
]
