import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostKubectl, nodeStatuses } from './nodes.ts'
import { openness, opennessOf } from './openness.ts'

/** Files as people write them, each with much that is unusual and right: they start, and mean on the host what they say. */

const hosts = ['h1', 'h2', 'h3']
let lab: InstallLab
const sites: Site[] = []

beforeAll(async () => {
  lab = await labUp(`test-values-${process.pid}`, hosts, { ipv6: true })
})
afterAll(async () => {
  for (const site of sites) await site[Symbol.asyncDispose]()
  await lab?.down()
})

const addressesOf = (name: string): string => {
  const host = lab.description.hosts.find(each => each.name === name)
  return `${host?.address},${host?.address6}`
}

/** A cluster of one server. */
async function install(host: string, spec: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string>>) {
  const site = await openSite(lab, { name: `on-${host}`, servers: [host], spec })
  sites.push(site)
  for (const [name, content] of Object.entries(files)) await writeFile(join(site.home, name), content)
  await site.done('apply', '-f', site.file, '--yes')
  expect(await nodeStatuses(site)).toEqual([`${host} active`])
  expect(await site.done('apply', '-f', site.file, '--yes')).toContain('nothing to do')
}

const read = (host: string, file: string) => lab.read(host, `cat /etc/rancher/rke2/${file}`)

describe('values that RKE2 takes', () => {
  it('are single values where lists are meant, numbers as modes, and an address of each family', async () => {
    await install(
      'h1',
      {
        cluster_vars: {
          'cluster-cidr': '10.42.0.0/16,fd42::/56',
          'service-cidr': '10.43.0.0/16,fd43::/112',
          'tls-san': 'api.example.org',
          'kubelet-arg': 'max-pods=200',
          'node-label': 'example.org/zone=a',
          'write-kubeconfig-mode': 644,
          'etcd-snapshot-schedule-cron': '@every 6h',
          'etcd-snapshot-dir': '/srv/backup/etcd',
        },
        nodes: [{ hostname: 'h1', internal_ip: addressesOf('h1'), role: 'initial_master' }],
      },
      {},
    )
    expect(await lab.read('h1', 'stat -c %a /etc/rancher/rke2/rke2.yaml')).toBe('644')
    expect(await lab.read('h1', 'test -d /srv/backup/etcd && echo there')).toBe('there')
    const get = `${hostKubectl} get node h1 -o`
    const addresses = await lab.read('h1', `${get} jsonpath='{.status.addresses[?(@.type=="InternalIP")].address}'`)
    expect(addresses.split(' ')).toEqual(addressesOf('h1').split(','))
    expect(await lab.read('h1', `${get} jsonpath='{.metadata.labels.example\\.org/zone}'`)).toBe('a')
  })

  it('are logins with the signs of YAML, mirrors without endpoints, and secrets in files of their own', async () => {
    const [password, secret] = ["it's: @a #b %c", "k&y: *'x"]
    await install(
      'h2',
      {
        registries: {
          mirrors: { 'docker.io': null, '*': null },
          configs: { 'registry.example:5000': { auth_file: './login' } },
        },
        proxy: { http_proxy: 'http://192.0.2.9:3128', no_proxy: ['10.0.0.0/8'] },
        cluster_vars: { 'etcd-snapshot-dir': '/srv/backup/etcd', extra: { 'etcd-s3-bucket': 'backups' } },
        secret_files: { 'etcd-s3-secret-key': './s3' },
      },
      { login: `username: jane\npassword: "${password}"\n`, s3: `${secret}\n` },
    )
    const registries: unknown = parse(await read('h2', 'registries.yaml'), { version: '1.1' })
    expect(registries).toMatchObject({
      mirrors: { 'docker.io': {}, '*': {} },
      configs: { 'registry.example:5000': { auth: { username: 'jane', password } } },
    })
    const config: unknown = parse(await read('h2', 'config.yaml'), { version: '1.1' })
    expect(config).toMatchObject({ 'etcd-s3-bucket': 'backups', 'etcd-s3-secret-key': secret })
    expect(await opennessOf(lab, 'h2', openness('server'))).toEqual(openness('server'))
  })

  it('are several networks, another range of ports, and another name server of the cluster', async () => {
    await install(
      'h3',
      {
        version: 'v1.34.1+rke2r1',
        cluster_vars: {
          cni: 'multus,cilium',
          'cluster-cidr': '172.29.0.0/17',
          'service-cidr': '172.30.0.0/20',
          'cluster-dns': '172.30.0.53',
          'cluster-domain': 'k8s.example',
          'service-node-port-range': '20000-22000',
          'node-taint': 'example.org/only=servers:PreferNoSchedule',
          disable: 'rke2-ingress-nginx',
          'egress-selector-mode': 'disabled',
        },
      },
      {},
    )
    expect(await lab.read('h3', `${hostKubectl} get service kubernetes -o jsonpath='{.spec.clusterIP}'`)).toBe(
      '172.30.0.1',
    )
  })
})
