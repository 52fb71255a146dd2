import { describe, expect, it } from 'vitest'
import { clusterVars, nodeVars } from './config.ts'

describe('variables of RKE2', () => {
  it('takes typed keys and free ones behind extra', () => {
    const vars = {
      cni: 'canal',
      'node-label': ['tier=db'],
      extra: { 'some-new-key': [1, 'two'], 'kubelet-arg+': ['v=4'] },
    }
    expect(clusterVars.parse(vars)).toEqual(vars)
  })

  it('refuses an unknown key outside extra', () => {
    expect(clusterVars.safeParse({ 'node-lable': ['a=b'] }).success).toBe(false)
  })

  it.each([
    'server',
    'token',
    'agent-token',
    'node-ip',
    'cluster-reset',
    'token+',
    'data-dir',
    'data-dir+',
    'cluster-cidr',
    'write-kubeconfig',
    'write-kubeconfig-mode',
    'kubelet-arg',
    // The short form of data-dir.
    'd',
  ])('does not let extra set %s', key => {
    expect(clusterVars.safeParse({ extra: { [key]: '/x' } }).success).toBe(false)
    expect(nodeVars.safeParse({ extra: { [key]: '/x' } }).success).toBe(false)
  })

  it.each(['/data', '/data/rke2', '/var/lib/rancher-2.x/rke2_a', '/opt/etc', '/srv/rke2', '/etcd'])(
    'takes the data folder %s',
    folder => {
      expect(clusterVars.safeParse({ 'data-dir': folder }).success).toBe(true)
    },
  )

  it.each(['/etc', '/usr/lib/rke2', '/bin', '/tmp/rke2', '/var', '/var/lib/', '//etc/./x', '/run/rke2', '/home', '/.'])(
    'refuses the folder %s, which is not for RKE2 alone or does not last',
    folder => expect(clusterVars.safeParse({ 'data-dir': folder }).success).toBe(false),
  )

  it.each(['/data folder', '/data%n', '/data;x', '/données', '/a$b', '/', 'data', '/a/../b'])(
    'refuses the data folder %j, which a unit file cannot carry',
    folder => {
      expect(clusterVars.safeParse({ 'data-dir': folder }).success).toBe(false)
    },
  )

  it.each([
    'cluster-cidr',
    'service-cidr',
    'cluster-dns',
    'cluster-domain',
    'disable-kube-proxy',
    'egress-selector-mode',
    'data-dir',
  ])('does not let a node override %s, nor behind extra', key => {
    expect(nodeVars.safeParse({ [key]: 'x' }).success).toBe(false)
    expect(nodeVars.safeParse({ extra: { [key]: 'x' } }).success).toBe(false)
  })

  it.each([
    'a\nserver: https://evil',
    'a {{ lookup("env", "HOME") }}',
    'tab\there',
    'line\u2028separator',
    '{% raw %}',
  ])('refuses text that could inject: %j', text => {
    expect(clusterVars.safeParse({ 'tls-san': [text] }).success).toBe(false)
    expect(clusterVars.safeParse({ extra: { key: text } }).success).toBe(false)
  })
})
