import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type InstallLab, kubectl, labUp, openSite, run as runCommand, type Site } from '../install/harness.ts'
import type { SeenEvent } from '../install/events.ts'
import { catchAt, killedInEach } from '../install/moments.ts'
import type { RunningServer } from '../listening.ts'

/** A cluster that the stand-in for Kubespray makes on lab hosts: a real etcd and a real API server, looked at as real ones. */

const version = '1.34.1'
let lab: InstallLab
let site: Site
let server: RunningServer
/** What the stand-in keeps, and is told. */
let folder: string
let run = ''

beforeAll(async () => {
  lab = await labUp(`test-kubespray-${process.pid}`, ['m1', 'w1'])
  folder = await mkdtemp(join(tmpdir(), 'slipway-kubespray-'))
  await writeFile(join(folder, 'leave-out'), '')
  await mkdir(join(folder, 'source'))
  await cp(join(import.meta.dirname, 'stand-in'), join(folder, 'source'), { recursive: true })
  site = await openSite(lab, { servers: ['m1'] })
  await write()
  server = await site.serve()
}, 120_000)
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
  if (folder) await rm(folder, { recursive: true, force: true })
})

async function write(spec: object = {}): Promise<void> {
  const node = (hostname: string, role: string) => ({ hostname, role, internal_ip: lab.address(hostname) })
  const document = {
    apiVersion: 'slipway/v1',
    kind: 'Cluster',
    metadata: { name: 'demo' },
    spec: {
      distribution: 'kubespray',
      version,
      kubespray: { source: { folder: join(folder, 'source') } },
      ssh: { user: 'root', key_file: lab.keyFile },
      preflight: { min_cpus: 1, min_memory_mib: 128, min_disk_free_mib: 64 },
      cluster_vars: { stand_in: folder, stand_in_bin: dirname(kubectl) },
      nodes: [node('m1', 'initial_master'), node('w1', 'worker')],
      ...spec,
    },
  }
  await writeFile(site.file, stringify(document))
}
const calls = async () =>
  (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean)

const node = z.object({ hostname: z.string(), status: z.string(), installed_version: z.string().nullable() })
const statuses = async () =>
  z
    .array(node)
    .parse(JSON.parse(await site.done('nodes', 'demo', '-o', 'json')))
    .map(({ hostname, status, installed_version }) => [hostname, status, installed_version].filter(Boolean).join(' '))

it('what cannot be installed is told before anything is done', async () => {
  await write({ version: '1.30.0' })
  await lab.read('w1', 'mkdir -p /etc/kubernetes && touch /etc/kubernetes/kubelet.conf')
  const { code, stdout, stderr } = await site.slipway('plan', '-f', site.file)
  expect(code).not.toBe(0)
  expect(stdout + stderr).toMatch(/no checksums for Kubernetes 1\.30\.0/)
  expect(stdout + stderr).toMatch(/node w1: an earlier Kubernetes lies on it/)
  await lab.read('w1', 'rm -r /etc/kubernetes')
  await write()
  expect(await calls()).toEqual([])
})

it('killed in the middle of the play it goes on; a node that cluster.yml leaves out with exit code 0 is found', async () => {
  await writeFile(join(folder, 'leave-out'), 'w1')
  const inPlay = ({ message }: SeenEvent) => message.includes('role kubernetes/control-plane')
  const caught = await catchAt(site, server, ['apply', '-f', site.file, '--yes'], inPlay)
  await server.kill()
  server = await site.serve()
  const { code, stdout, stderr } = await caught.ended
  expect(code, stdout + stderr).not.toBe(0)
  expect(stdout + stderr).toMatch(/has ended without a failure, and w1 has no kubelet/)
  expect(await calls()).toHaveLength(2)
  expect(await statuses()).toEqual(['m1 failed', 'w1 failed'])
  run = caught.run
}, 120_000)

it('resumed, and killed in each of the stages that follow, it ends with the cluster that was wanted', async () => {
  await writeFile(join(folder, 'leave-out'), '')
  const killed = await killedInEach(site, server, ['resume', run], ['kubespray/kubeconfig', 'kubespray/verify'])
  server = killed.server
  expect(killed.ended.code, killed.ended.stdout + killed.ended.stderr).toBe(0)
  expect(await statuses()).toEqual([`m1 active v${version}`, `w1 active v${version}`])
  expect(await lab.read('m1', 'grep ^ETCD_NAME /etc/etcd.env')).toBe('ETCD_NAME=etcd1')
}, 120_000)

it('a second time there is nothing to do, and the kubeconfig leads there', async () => {
  const before = await calls()
  expect(await site.done('plan', '-f', site.file)).toMatch(/nothing to do/i)
  expect(await calls()).toEqual(before)
  const file = join(folder, 'kubeconfig')
  await writeFile(file, await site.done('kubeconfig', 'demo'), { mode: 0o600 })
  const { stdout, stderr } = await runCommand(kubectl, ['--kubeconfig', file, 'get', 'nodes', '-o', 'name'])
  expect(stdout, stderr).toBe('node/m1\nnode/w1\n')
  await runCommand(kubectl, ['--kubeconfig', file, 'create', 'secret', 'generic', 'a', '--from-literal=b=plain-word'])
  expect(await lab.read('m1', 'grep -rc plain-word /var/lib/etcd/member | grep -vc ":0$" || true')).toBe('0')
})

it('what this version does not do yet is refused by name', async () => {
  await write({ cluster_vars: { stand_in: folder, stand_in_bin: dirname(kubectl), kube_proxy_mode: 'ipvs' } })
  const { code, stdout, stderr } = await site.slipway('plan', '-f', site.file)
  expect(code).not.toBe(0)
  expect(stdout + stderr).toMatch(/operation-unsupported/)
})
