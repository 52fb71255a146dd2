import { afterAll, beforeAll, expect, it } from 'vitest'
import { condition, Rke2Hosts } from './hosts.ts'

// Two families in one cluster, and IPv6 alone, with the real API server and controllers; the order of node-ip says
// which family is the first. Refusals are RKE2's own (pkg/agent) and kubelet's.

const token = 'the-token'
const ranges = { 'cluster-cidr': '10.42.0.0/16,fd00:42::/56', 'service-cidr': '10.43.0.0/16,fd00:43::/112' }
let hosts: Rke2Hosts
const six = (host: string) => {
  const { address6 } = hosts.lab.host(host)
  if (address6 === undefined) throw new Error(`${host} has no IPv6 address`)
  return address6
}
const both = (host: string) => `${hosts.address(host)},${six(host)}`
const show = (host: string, what: string) => hosts.kubectl(host, `get ${what}`)

beforeAll(async () => {
  hosts = await Rke2Hosts.up(`lab-rke2-families-${process.pid}`, 4, { ipv6: true })
  await Promise.all(['h1', 'h2', 'h3', 'h4'].map(host => hosts.install(host)))
})
afterAll(() => hosts[Symbol.asyncDispose]())

// Observed on RKE2's own server code, v1.34.3+rke2r1.
it('writes the kubeconfig before the API serves, and goes by the password of a secure token, whatever hash it names', async () => {
  // One process that looks: on a busy machine the API would serve before a second one had been started.
  const early = `timeout 60 python3 -c '
import os, socket, time
path = "/etc/rancher/rke2/rke2.yaml"
while not os.path.exists(path) or os.path.getsize(path) == 0:
    time.sleep(0.01)
with socket.socket() as one:
    print("somebody serves" if one.connect_ex(("127.0.0.1", 6443)) == 0 else "nobody serves")'`
  const [seen] = await Promise.all([
    hosts.run('h1', early),
    hosts.start('h1', 'server', { token: `K10${'0'.repeat(64)}::server:${token}`, ...ranges, 'node-ip': both('h1') }),
  ])
  expect(seen).toBe('nobody serves')
  const hash = await hosts.run('h1', "sha256sum < /var/lib/rancher/rke2/server/tls/server-ca.crt | cut -d' ' -f1")
  expect(await hosts.run('h1', 'cat /var/lib/rancher/rke2/server/token')).toBe(`K10${hash}::server:${token}`)
})

it('gives nodes of a cluster of two families both addresses and a pod range of each', async () => {
  await hosts.start('h2', 'agent', { token, server: hosts.supervisor('h1'), 'node-ip': both('h2') })
  await hosts.untilNode('h1', 'h2', condition('Ready'), 'True')
  const addresses = await show('h1', `node h2 -o jsonpath='{.status.addresses[?(@.type=="InternalIP")].address}'`)
  expect(addresses).toBe(`${hosts.address('h2')} ${six('h2')}`)
  // The controller manager gives them, a moment after the node has come.
  await expect
    .poll(() => show('h1', `node h2 -o jsonpath='{.spec.podCIDRs}'`), { timeout: 10_000 })
    .toMatch(/"10\.42\.\d+\.0\/24","fd00:42:.*\/64"/)
  await hosts.kubectl('h1', 'create service clusterip web --tcp=80')
  await hosts.kubectl('h1', `patch service web -p '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`)
  expect(await show('h1', `service web -o jsonpath='{.spec.clusterIPs}'`)).toMatch(/"10\.43\..*","fd00:43:/)
})

it('ends an agent that has one family of the two', async () => {
  await hosts.run('h2', 'systemctl disable --now rke2-agent')
  const one = { token, server: hosts.supervisor('h1'), 'node-ip': hosts.address('h2') }
  expect((await hosts.attempt('h2', 'agent', one)).output).toContain('must share the same IP version')
})

it('lets a service run on an agent whose node-ip is no address of the machine, and its Node never become ready', async () => {
  await hosts.kubectl('h1', 'delete node h2 --timeout=20s')
  const foreign = `${hosts.address('h2').replace(/\d+$/, '250')},${six('h2')}`
  await hosts.start('h2', 'agent', { token, server: hosts.supervisor('h1'), 'node-ip': foreign })
  await hosts.untilNode('h1', 'h2', condition('Ready'), 'False')
  expect(await hosts.run('h2', 'cat /var/lib/rancher/rke2/agent/logs/kubelet.log')).toContain(
    "not found in the host's network interfaces",
  )
})

it('forms a cluster of IPv6 alone, etcd and API server on its address', async () => {
  const server = `https://[${six('h3')}]:9345`
  await hosts.start('h3', 'server', { token, 'node-ip': six('h3') })
  await hosts.start('h4', 'server', { token, server, 'node-ip': six('h4') })
  await hosts.untilNode('h3', 'h4', condition('EtcdIsVoter'), 'True')
  expect(await hosts.etcdctl('h3', 'member list')).toContain(`https://[${six('h4')}]:2380`)
  expect(await show('h3', `service kubernetes -o jsonpath='{.spec.clusterIP}'`)).toBe('fd00:43::1')
  expect(await show('h3', `endpointslice kubernetes -o jsonpath='{.endpoints[*].addresses[0]}'`)).toContain(six('h3'))
  await hosts.run('h2', 'systemctl disable --now rke2-agent; rke2-killall.sh; rm -rf /var/lib/rancher/rke2/agent')
  await hosts.start('h2', 'agent', { token, server, 'node-ip': six('h2') })
  await hosts.untilNode('h3', 'h2', condition('Ready'), 'True')
})
