import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
import { host, installedFacts, observedCluster, nodeConfig } from './observedCluster.fixture.ts'
import { unusableFiles } from './configurationFiles.ts'
import { effectiveFindings } from './effectiveService.ts'
import { nodeChanges } from './nodeState.ts'

type ConfigFile = HostFacts['config'][number]
const main = '/etc/rancher/rke2/config.yaml'
const registries = '/etc/rancher/rke2/registries.yaml'
const beside = `${main}.d/50-x.yaml`
const environment = '/etc/default/rke2-server'

const at = (path: string, over: Partial<ConfigFile> = {}) => ({ config: [{ ...nodeConfig, path, ...over }] })
const found = (path: string, over: Partial<ConfigFile>, wanted: Parameters<typeof unusableFiles>[2] = {}): string[] =>
  unusableFiles('rke2-server', at(path, over), wanted).map(
    ({ severity, name, message }) => `${severity} ${name} ${message}`,
  )

describe('what lies in the place of a configuration file', () => {
  it.each([
    [main, 'folder', `error config-unusable ${main} is a folder, and RKE2 reads a file there`],
    [main, 'special', `error config-unusable ${main} is no file but a pipe, a socket or a device`],
    [main, 'unreadable', `error config-unusable ${main} cannot be read, not even by root`],
    [registries, 'folder', `error config-unusable ${registries} is a folder, and RKE2 reads a file there`],
    [beside, 'dangling', `error config-unusable ${beside} is a link that leads to no file`],
    [beside, 'huge', `error config-unusable ${beside} is larger than 1 MiB`],
    [
      `${main}.d`,
      'no-folder',
      `error config-unusable ${main}.d is no folder, and RKE2 reads the files of a folder there`,
    ],
  ] as const)('%s as %s stands in the way, by its name', (path, fault, message) => {
    expect(found(path, { fault })).toEqual([message])
    expect(unusableFiles('rke2-server', at(path, { fault }), {})[0]?.remedy).toContain(`mv ${path} ${path}.moved`)
  })

  it.each([
    ['what is beyond all measure is written anew', main, { fault: 'huge' }],
    ['a file is one', main, {}],
    ['nothing is written or read there', environment, { fault: 'folder' }],
    ['it is the file of the other service', '/etc/default/rke2-agent', { fault: 'folder' }],
    ['a link beside the first file is read as it is', beside, { link: '/srv/x.yaml' }],
    ['registries are none of ours', registries, { link: '/srv/x.yaml' }],
  ] as const)('is no fault where %s', (_why, path, over) => {
    expect(found(path, over)).toEqual([])
  })

  it.each([
    [main, {}],
    [registries, { registries: {} }],
    [environment, { proxy: { http_proxy: 'http://proxy:3128' } }],
  ])('%s as a link is a warning where Slipway writes', (path, wanted) => {
    const message = `${path} is a link to /srv/x.yaml: somebody else keeps it there, and Slipway would put a file of its own in its place`
    expect(found(path, { link: '/srv/x.yaml' }, wanted)).toEqual([`warning foreign-settings ${message}`])
    expect(found(path, { link: '/srv/x.yaml', fault: 'folder' }, wanted)[0]).toContain('error config-unusable')
  })

  it('is told of each host by its name, and no more where the link was accepted', () => {
    const linked = host({ ...installedFacts, ...at(main, { link: '/srv/x.yaml' }) })
    expect(effectiveFindings([linked], {}, [])).toMatchObject([{ name: 'foreign-settings', about: 'node m1' }])
    expect(effectiveFindings([linked], {}, ['foreign-settings'])).toEqual([])
    const folder = host({ ...installedFacts, ...at(beside, { fault: 'folder', link: '/usr' }) })
    expect(effectiveFindings([folder], {}, ['foreign-settings'])).toMatchObject([{ name: 'config-unusable' }])
  })

  it('is one fault, not two', () => {
    const huge = host({ ...installedFacts, ...at(beside, { fault: 'huge', keys: ['server', '?'] }) })
    expect(effectiveFindings([huge], {}, []).map(({ name }) => name)).toEqual(['config-unusable'])
  })
})

describe('the plan to write a configuration anew', () => {
  const wanted = {
    version: 'v1.34.1+rke2r1',
    files: [{ config: 'f'.repeat(64), parts: {}, registries: null, environment: null }],
    misled: [],
    intent: 'intent',
    own: [],
  }
  const summary = (over: Partial<ConfigFile>) => {
    const facts = { ...installedFacts, ...at(main, over) }
    return nodeChanges(host(facts), wanted, observedCluster(facts))[0]?.summary
  }

  it.each([
    ['of which nothing is wrong but its content', { keys: ['server'] }, ''],
    ['that is wrong YAML', { keys: ['server', '?'] }, ` (${main} is not YAML that RKE2 could read)`],
    ['that is huge', { fault: 'huge' as const }, ` (${main} is larger than 1 MiB)`],
    ['that is a link to nowhere', { fault: 'dangling' as const }, ` (${main} is a link that leads to no file)`],
  ])('%s says so', (_what, over, words) => {
    expect(summary(over)).toBe(`write the configuration of rke2-server${words}`)
  })
})
