import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { machineFacts } from '../machineFacts.fixture.ts'
import type { ReachedHost } from '../observedHost.ts'
import { toolChanges, toolFindings, toolVariables } from './tools.ts'

type Role = 'master' | 'worker'
const asked = { tools: true }
const host = (tools: HostFacts['tools'], role: Role = 'master'): ReachedHost => ({
  node: { hostname: 'm1', internal_ip: '10.0.0.1', role },
  facts: machineFacts({ tools }),
  error: null,
})
const link = (name: string, leadsTo = `/var/lib/rancher/rke2/bin/${name}`, ours = true) => ({
  path: `/usr/local/bin/${name}`,
  link: leadsTo,
  content: null,
  ours,
})
const planned = (tools: HostFacts['tools'], cluster: object = asked, role: Role = 'master') =>
  toolChanges(host(tools, role), cluster).map(({ effect, detail }) => `${effect} ${detail}`)
const profile = '/etc/profile.d/slipway-rke2.sh'
const completions = '/usr/local/share/bash-completion/completions'

/** As they lie on a machine to which they were brought. */
function brought(role: Role = 'master'): HostFacts['tools'] {
  const { links, files } = Object(toolVariables(host([], role), asked)['rke2_root_tools'])
  return [
    ...links.map((one: { path: string; link: string }) => ({ ...one, content: null, ours: true })),
    ...files.map(({ path, content }: { path: string; content: string }) => ({
      path,
      link: null,
      content: content.trim(),
      ours: true,
    })),
  ]
}

describe('tools for root', () => {
  it('are brought where they are asked for: kubectl to servers, crictl to all', () => {
    expect(planned([], {})).toEqual([])
    expect(planned([])).toEqual([
      `create /usr/local/bin/kubectl, /usr/local/bin/crictl, ${profile}, ${completions}/kubectl, ${completions}/crictl`,
    ])
    expect(planned([], asked, 'worker')).toEqual([`create /usr/local/bin/crictl, ${profile}, ${completions}/crictl`])
    const environment = brought('worker').find(({ path }) => path === profile)?.content
    expect(environment).toContain(
      'export CRI_CONFIG_FILE="${CRI_CONFIG_FILE:-/var/lib/rancher/rke2/agent/etc/crictl.yaml}"',
    )
    expect(environment).not.toContain('KUBECONFIG')
  })

  it('are kept as they are to be, and go when nobody asks for them any more', () => {
    expect(planned(brought())).toEqual([])
    expect(planned(brought('worker'), asked, 'worker')).toEqual([])
    const [kubectl, ...others] = brought()
    expect(planned(others)).toEqual(['create /usr/local/bin/kubectl'])
    const edited = brought().map(one => (one.path === profile ? { ...one, content: 'x' } : one))
    expect(planned(edited)).toEqual([`create ${profile}`])
    expect(planned([kubectl ?? link('kubectl')], {})).toEqual(['delete /usr/local/bin/kubectl'])
    expect(planned([link('kubectl', '/var/lib/rancher/rke2/bin/kubectl')], asked, 'worker')).toHaveLength(2)
  })

  it('lead into the data folder where that was moved', () => {
    const moved = { ...asked, cluster_vars: { 'data-dir': '/srv/rke2' } }
    expect(JSON.stringify(toolVariables(host([]), moved))).toContain('"link":"/srv/rke2/bin/kubectl"')
  })

  it('never take the place of somebody else’s, which is told where they are asked for', () => {
    const theirs = { path: '/usr/local/bin/kubectl', link: null, content: null, ours: false }
    const elsewhere = link('crictl', '/opt/tools/crictl', false)
    expect(planned([theirs, elsewhere])).toEqual([`create ${profile}, ${completions}/kubectl, ${completions}/crictl`])
    const found = toolFindings(host([theirs, elsewhere]), asked)
    expect(found.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      'foreign-tool: /usr/local/bin/kubectl is somebody else’s, and stays as it is',
      'foreign-tool: /usr/local/bin/crictl is somebody else’s (a link to /opt/tools/crictl), and stays as it is',
    ])
    expect(toolFindings(host([theirs, elsewhere]), {})).toEqual([])
    expect(toolFindings(host([theirs], 'worker'), asked)).toEqual([])
  })
})
