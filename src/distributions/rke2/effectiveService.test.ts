import { describe, expect, it } from 'vitest'
import type { EffectiveService, HostFacts } from './host/facts.ts'
import { effectiveFindings } from './effectiveService.ts'
import { machineFacts, plainService } from './machineFacts.fixture.ts'

const node = (role: 'initial_master' | 'master' | 'worker') => ({ hostname: 'h2', internal_ip: '10.0.0.2', role })

function found(
  over: Partial<HostFacts>,
  { role = 'master', proxy, accepted = [] }: Partial<Parameters<typeof findingsOf>[1]> = {},
) {
  return findingsOf(over, { role, proxy, accepted })
}

function findingsOf(
  over: Partial<HostFacts>,
  options: {
    role: 'initial_master' | 'master' | 'worker'
    proxy: { http_proxy?: string; no_proxy?: string[] } | undefined
    accepted: string[]
  },
) {
  const observed = { node: node(options.role), facts: machineFacts(over), error: null }
  return effectiveFindings([observed], options.proxy ? { proxy: options.proxy } : {}, options.accepted)
}

const server = (over: Partial<EffectiveService>): Partial<HostFacts> => ({
  effective: { 'rke2-server': { ...plainService, ...over }, 'rke2-agent': plainService },
})
const dropIn = '/etc/systemd/system/rke2-server.service.d/x.conf'
const variable = (
  name: string,
  value: string | null = null,
  over: Partial<EffectiveService['environment'][number]> = {},
) => server({ environment: [{ name, value, source: dropIn, kind: 'setting', ...over }] })
const setting = (
  name: string,
  value: EffectiveService['settings'][number]['value'] = 'set',
  file = dropIn,
  section = 'Service',
) => server({ settings: [{ file, section, name, value }] })
const file = (path: string, keys: string[], marked = false): Partial<HostFacts> => ({
  config: [
    {
      path,
      mode: '0600',
      uid: 0,
      size: 1,
      hmac: '0'.repeat(64),
      parts: null,
      keys,
      server: null,
      marked,
      link: null,
      fault: null,
    },
  ],
})
const named = (over: Partial<HostFacts>, options = {}) =>
  found(over, options).map(({ severity, name }) => `${severity} ${name}`)

describe('variables that RKE2 would go by', () => {
  it.each([
    ['RKE2_CONFIG_FILE', '/etc/rancher/rke2/other.yaml'],
    ['RKE2_URL', 'https://10.9.9.9:9345'],
    ['RKE2_DATA_DIR', '/srv'],
    ['RKE2_TOKEN', null],
    ['RKE2_AGENT_TOKEN', null],
    ['RKE2_NODE_NAME', 'other'],
    ['RKE2_CLUSTER_RESET', null],
    ['RKE2_SOMETHING_NEW', null],
  ])('%s is an error that names file and variable', (name, value) => {
    const [finding] = found(variable(name, value))
    expect(finding).toMatchObject({ name: 'service-redirected', severity: 'error', about: 'node h2' })
    expect(finding?.message).toContain(`${dropIn} sets ${name}`)
    expect(finding?.remedy).toContain(dropIn)
  })

  it('are none where they say what is so anyway, and another service’s are not this one’s', () => {
    expect(found(variable('RKE2_CONFIG_FILE', '/etc/rancher/rke2/config.yaml'))).toEqual([])
    expect(found(variable('RKE2_URL', 'https://10.9.9.9:9345'), { role: 'worker' })).toEqual([])
    expect(found(variable('HOME', null))).toEqual([])
  })

  it('tells each source its own way out', () => {
    const remedy = (over: Partial<EffectiveService['environment'][number]>) =>
      found(variable('RKE2_URL', 'https://x:9345', over))[0]?.remedy
    expect(remedy({ source: '/etc/default/rke2-server', kind: 'file' })).toContain('line RKE2_URL= from /etc/default')
    expect(remedy({ source: 'systemd', kind: 'manager' })).toBe('On the host: `systemctl unset-environment RKE2_URL`.')
    expect(remedy({ source: '/etc/systemd/system.conf', kind: 'manager' })).toContain('DefaultEnvironment')
  })

  it('can’t be accepted', () => {
    expect(named(variable('RKE2_URL'), { accepted: ['service-redirected', 'foreign-settings'] })).toEqual([
      'error service-redirected',
    ])
  })
})

describe('proxies of somebody else', () => {
  const systemd = { source: 'systemd', kind: 'manager' as const }
  it.each(['HTTP_PROXY', 'https_proxy', 'NO_PROXY', 'CONTAINERD_HTTPS_PROXY', 'LD_PRELOAD'])(
    '%s is a warning',
    name => {
      expect(named(variable(name, null, systemd))).toEqual(['warning foreign-settings'])
      expect(named(variable(name, null, systemd), { accepted: ['foreign-settings'] })).toEqual([])
    },
  )

  it('count only where the cluster file’s own do not win', () => {
    const proxy = { http_proxy: 'http://p:1' }
    expect(named(variable('HTTP_PROXY', null, systemd), { proxy })).toEqual([])
    const late = { source: '/etc/sysconfig/rke2-server', kind: 'file' as const }
    expect(named(variable('HTTP_PROXY', null, late), { proxy })).toEqual(['warning foreign-settings'])
  })

  it('that lie where the cluster file’s are written are told before they are replaced', () => {
    const proxy = { http_proxy: 'http://p:1' }
    const path = '/etc/default/rke2-server'
    expect(named(file(path, ['GOGC']), { proxy })).toEqual(['warning foreign-settings'])
    expect(named(file(path, ['GOGC'], true), { proxy })).toEqual([])
    expect(named(file(path, ['GOGC']))).toEqual([])
  })
})

describe('a service that is another one', () => {
  it.each(['ExecStart', 'User', 'Type', 'RootDirectory', 'BindPaths', 'PrivateNetwork'])('%s is an error', name => {
    const [finding] = found(setting(name))
    expect(finding).toMatchObject({ name: 'service-overridden', severity: 'error' })
    expect(finding?.message).toBe(`${dropIn} changes what rke2-server runs (${name})`)
  })

  it('is not one that says the usual again', () => {
    const again = ['reset', 'usual'] as const
    const settings = again.map(value => ({ file: dropIn, section: 'Service', name: 'ExecStart', value }))
    expect(found(server({ settings }))).toEqual([])
  })

  it.each([
    'LimitNOFILE',
    'After',
    'MemoryMax',
    'Nice',
    'CPUWeight',
    'ExecStartPre',
    'TimeoutStopFailureMode',
    'StandardOutput',
  ])('%s is none', name => {
    expect(found(setting(name))).toEqual([])
  })

  it('is not one whose shields a container host has switched off', () => {
    for (const name of ['ProtectProc', 'ProcSubset', 'PrivateDevices', 'ProtectSystem'])
      expect(found(setting(name, 'off'))).toEqual([])
    expect(named(setting('ProtectSystem'))).toEqual(['warning foreign-settings'])
  })

  it('with an unknown setting is a warning that can be accepted', () => {
    expect(named(setting('KillMode'))).toEqual(['warning foreign-settings'])
    expect(named(setting('KillMode'), { accepted: ['foreign-settings'] })).toEqual([])
  })

  it('must not lose its guard: a reset counts behind Slipway’s drop-in', () => {
    const [finding] = found(setting('ExecStartPre', 'reset'))
    expect(finding).toMatchObject({ name: 'service-overridden', severity: 'error' })
    expect(named(setting('ExecStartPre', 'reset', '/etc/systemd/system/service.d/05-early.conf'))).toEqual([
      'warning foreign-settings',
    ])
  })

  it('that is masked says how it is unmasked', () => {
    const mask = (path: string) => found(server({ mask: path }))[0]
    expect(mask('/etc/systemd/system/rke2-server.service')).toMatchObject({
      name: 'service-masked',
      severity: 'error',
      remedy: 'On the host: `systemctl unmask rke2-server.service`.',
    })
    expect(mask('/run/systemd/system/rke2-server.service')?.remedy).toContain('--runtime')
  })

  it('that hides the release’s is an error', () => {
    const shadow = '/etc/systemd/system/rke2-server.service'
    expect(found(server({ shadow }))[0]).toMatchObject({
      name: 'service-overridden',
      message: expect.stringContaining(shadow),
    })
  })
})

describe('files beside config.yaml', () => {
  const beside = (...keys: string[]) => file('/etc/rancher/rke2/config.yaml.d/50-x.yaml', keys)
  it.each(['server', 's', 't', 'token', 'data-dir', 'd', 'cluster-cidr', 'disable+', 'node-ip', 'agent-token', '?'])(
    'may not say %s',
    key => {
      expect(named(beside('debug', key))).toEqual(['error config-overridden'])
    },
  )

  it('may say other things where that is accepted', () => {
    const [finding] = found(beside('kubelet-arg+', 'debug'))
    expect(finding).toMatchObject({ name: 'foreign-settings', severity: 'warning' })
    expect(finding?.message).toContain('kubelet-arg+, debug')
    expect(named(beside('debug'), { accepted: ['foreign-settings'] })).toEqual([])
    expect(named(beside())).toEqual([])
  })
})
