import { expect, it } from 'vitest'
import { ownPlaces, privateFolder } from './places.ts'

const cluster = {
  version: 'v1.34.1+rke2r1',
  manifests: ['./m/app.v1.yaml'],
  files: {
    audit_policy: 'a',
    pod_security: 'p',
    kubelet_config: 'k',
    static_pods: ['x/pod.yaml'],
    containerd_template: 't',
  },
}
const lie = (...given: Parameters<typeof ownPlaces>) => ownPlaces(...given).map(({ path, file }) => `${file} ${path}`)
const data = '/var/lib/rancher/rke2'
const ofAll = [
  `k ${data}/agent/etc/kubelet.conf.d/90-slipway.conf`,
  `t ${data}/agent/etc/containerd/config-v3.toml.tmpl`,
  `x/pod.yaml ${data}/agent/pod-manifests/slipway-pod.yaml`,
]

it('files lie where their role reads them', () => {
  expect(lie({ role: 'master' }, cluster)).toEqual([
    'a /etc/rancher/rke2/slipway/audit-policy.yaml',
    'p /etc/rancher/rke2/slipway/pod-security.yaml',
    `./m/app.v1.yaml ${data}/server/manifests/slipway/app.v1.yaml`,
    ...ofAll,
  ])
  expect(lie({ role: 'worker' }, cluster)).toEqual(ofAll)
})

it('those of a node win over those of all, key by key, and a list is replaced as a whole', () => {
  const files = { kubelet_config: 'own', static_pods: [] }
  expect(lie({ role: 'worker', files }, cluster)).toEqual([
    `own ${data}/agent/etc/kubelet.conf.d/90-slipway.conf`,
    ofAll[1],
  ])
})

it('the data folder moves what lies below it', () => {
  const moved = ownPlaces({ role: 'worker' }, { ...cluster, cluster_vars: { 'data-dir': '/srv/rke2' } })
  expect(moved.every(({ path }) => path.startsWith('/srv/rke2/'))).toBe(true)
})

it.each([
  ['v1.31.5+rke2r1', 'config.toml.tmpl'],
  ['v1.31.6+rke2r1', 'config-v3.toml.tmpl'],
  ['v1.32.1+rke2r1', 'config.toml.tmpl'],
  ['v1.32.2+rke2r1', 'config-v3.toml.tmpl'],
  ['v1.33.0+rke2r1', 'config-v3.toml.tmpl'],
  ['v1.30.11+rke2r1', 'config.toml.tmpl'],
])('the template of %s is %s, which says in its first line whose it is', (version, name) => {
  const [place] = ownPlaces({ role: 'worker' }, { version, files: { containerd_template: 't' } })
  expect(place?.path).toBe(`${data}/agent/etc/containerd/${name}`)
  expect(place?.mark).toBe('# Written by Slipway; changes are overwritten.\n')
})

it('of the folders that are made for them those of a server are for root alone, and the data folder is not', () => {
  expect(privateFolder(`${data}/server/manifests/slipway/a.yaml`, data)).toBe(`${data}/server`)
  expect(privateFolder(`${data}/agent/pod-manifests/slipway-a.yaml`, data)).toBe(`${data}/agent/pod-manifests`)
})
