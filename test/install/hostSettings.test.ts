import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostPrint, systemPrint } from './hostPrint.ts'
import { giveServices } from './hostServices.ts'

/** Services of the machines that stand in RKE2's way, and the tools for root: brought, kept, and given back as they were. */

const hosts = ['m1', 'w1']
const asked = { host_settings: ['firewalld', 'network-manager', 'fapolicyd', 'ufw'], tools: true }
const rules = '/etc/fapolicyd/rules.d/80-slipway-rke2.rules'
const dropIn = '/etc/NetworkManager/conf.d/90-slipway-rke2.conf'

let lab: InstallLab
let site: Site
let server: RunningServer
let before: readonly string[]

beforeAll(async () => {
  lab = await labUp(`test-host-settings-${process.pid}`, hosts)
  await Promise.all([giveServices(lab, 'm1', 'firewalld'), giveServices(lab, 'w1', 'NetworkManager', 'fapolicyd')])
  await lab.read('w1', 'printf "#!/bin/sh\\n" > /usr/local/bin/crictl')
  before = await prints()
  site = await openSite(lab, { servers: ['m1'], workers: ['w1'] })
  server = await site.serve()
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

/** Files with their sizes, without what a rewritten one has else. */
const prints = () =>
  Promise.all(
    hosts.map(async host => {
      const files = (await hostPrint(lab, host))
        .split('\n')
        .filter(line => !line.startsWith('/root/.kube/'))
        .map(line => line.replace(/^(\/\S+) \d+ (\d+) .*/, '$1 $2'))
      const units = await lab.read(
        host,
        `systemctl is-enabled ${serviceUnits} 2>&1; systemctl is-active ${serviceUnits} 2>&1; true`,
      )
      return `${files.join('\n')}\n${await systemPrint(lab, host)}\n${units}`
    }),
  )
const serviceUnits = 'firewalld NetworkManager nm-cloud-setup.timer nm-cloud-setup fapolicyd'
const accepted = ['few-cpus', 'little-memory'].flatMap(name => ['--accept', name])
const apply = (...more: readonly string[]) => site.slipway('apply', '-f', site.file, '--yes', ...accepted, ...more)
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const planned = z.object({
  stages: z.array(
    z.object({
      decision: z.object({ changes: z.array(z.object({ effect: z.string(), target: z.string() })).optional() }),
    }),
  ),
  findings: z.array(z.object({ name: z.string(), about: z.string(), remedy: z.string() })),
})
async function plan() {
  const { stdout, stderr } = await site.slipway('plan', '-f', site.file, '-o', 'json', ...accepted)
  if (stdout === '') throw new Error(stderr)
  const { stages, findings } = planned.parse(JSON.parse(stdout))
  const changes = stages.flatMap(({ decision }) => decision.changes ?? [])
  return {
    changes: changes
      .map(({ effect, target }) => `${effect} ${target}`)
      .filter(change => /\/(host|tools)/.test(change))
      .toSorted(),
    findings,
  }
}
/** What a login shell of root prints. */
const login = (host: string, command: string) => lab.read(host, `env -i HOME=/root bash -lc '${command}'`)
const isOn = async (host: string, unit: string) =>
  (await lab.exec(host, `systemctl is-enabled -q ${unit} || systemctl is-active -q ${unit}`)).code === 0

describe('services that stand in RKE2’s way', () => {
  it('are told each with the word by which Slipway sets it right', async () => {
    const { findings } = await plan()
    const told = findings.map(({ name, about }) => `${name}: ${about}`).toSorted()
    expect(told).toEqual([
      'fapolicyd-on: node w1',
      'firewalld-on: node m1',
      'network-manager: node w1',
      'nm-cloud-setup: node w1',
    ])
    for (const { remedy } of findings) expect(remedy).toMatch(/host_settings: \[\S+\]/)
  })

  it('are set right on the hosts that have them, before RKE2 comes, as the plan says', async () => {
    await site.write({ servers: ['m1'], workers: ['w1'], spec: asked })
    const { changes, findings } = await plan()
    expect(changes).toEqual([
      'create node/m1/tools',
      'create node/w1/host/fapolicyd',
      'create node/w1/host/network-manager',
      'create node/w1/tools',
      'update node/m1/host/firewalld',
      'update node/w1/host/nm-cloud-setup',
    ])
    expect(findings.map(({ name, about }) => `${name}: ${about}`)).toEqual(['foreign-tool: node w1'])
    const applied = await apply('--accept', 'foreign-tool')
    expect(said(applied)).toContain('completed')
    expect(await Promise.all([isOn('m1', 'firewalld'), isOn('w1', 'nm-cloud-setup.timer')])).toEqual([false, false])
    expect(await lab.read('w1', 'cat /run/unmanaged')).toBe(
      'interface-name:eth9,interface-name:cali*;interface-name:flannel*',
    )
    const inUse = await lab.read('w1', 'cat /run/rules-in-use')
    expect(inUse).toMatch(/^allow perm=any all : dir=\/var\/lib\/rancher\/\n[^]*\ndeny_audit perm=execute all : all$/)
    expect(said(await apply('--accept', 'foreign-tool'))).toContain('nothing to do')
  })

  it('root has kubectl, crictl and what they need in a login shell, and what others have put there stays', async () => {
    expect(await login('m1', 'kubectl get nodes -o name')).toBe('node/m1\nnode/w1')
    expect(await login('m1', 'readlink /usr/local/bin/crictl; echo $CRI_CONFIG_FILE')).toBe(
      '/var/lib/rancher/rke2/bin/crictl\n/var/lib/rancher/rke2/agent/etc/crictl.yaml',
    )
    const sudo = `su -s /bin/bash - ${lab.description.sudo_user} -c 'echo "<$KUBECONFIG>"'`
    expect(await lab.read('m1', sudo)).toBe('<>')
    expect(await lab.read('w1', 'cat /usr/local/bin/crictl; ls /usr/local/bin')).not.toContain('kubectl')
    expect(await login('w1', 'echo "$KUBECONFIG$CRI_CONFIG_FILE"')).toBe('/var/lib/rancher/rke2/agent/etc/crictl.yaml')
  })

  it('are set right again where somebody has turned them on, edited or removed what was brought', async () => {
    await Promise.all([
      lab.read('m1', 'systemctl enable -q --now firewalld; rm /usr/local/bin/kubectl'),
      lab.read(
        'w1',
        `echo x >> ${dropIn}; sed -i 's/any/execute/' ${rules}; systemctl enable -q nm-cloud-setup.service`,
      ),
    ])
    await lab.read('w1', 'fagenrules --load')
    const { changes } = await plan()
    expect(changes).toEqual([
      'create node/m1/tools',
      'update node/m1/host/firewalld',
      'update node/w1/host/fapolicyd',
      'update node/w1/host/network-manager',
      'update node/w1/host/nm-cloud-setup',
    ])
    expect((await apply('--accept', 'foreign-tool')).code).toBe(0)
    expect(await isOn('m1', 'firewalld')).toBe(false)
    expect(await lab.read('w1', 'cat /run/rules-in-use')).not.toContain('perm=execute all : dir')
    expect((await plan()).changes).toEqual([])
  })

  it('stay as they are where the file drops them, but for the tools, which go', async () => {
    await site.write({ servers: ['m1'], workers: ['w1'] })
    expect((await plan()).changes).toEqual(['delete node/m1/tools/dropped', 'delete node/w1/tools/dropped'])
    expect((await apply()).code).toBe(0)
    expect(await lab.read('m1', 'ls /usr/local/bin /etc/profile.d')).not.toMatch(/kubectl|crictl|slipway/)
    expect(await isOn('m1', 'firewalld')).toBe(false)
  })

  it('are as they were before when RKE2 is uninstalled', async () => {
    await site.done('uninstall', 'demo', '--accept', 'data-loss', '--confirm', 'demo', '--yes')
    expect(await prints()).toEqual(before)
  })
})
