import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { labChart } from '../../lab/operators/charts.ts'
import { deployment, packedChart, values } from '../platform/packedChart.ts'
import type { RunningServer } from '../listening.ts'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { killedInEach } from './moments.ts'
import { operatorsInLab } from './operatorsInLab.ts'
import { hostKubectl } from './nodes.ts'

/** From machines to an operator, its database and charts in one apply, on machines behind a jump host: Helm gets through as everything else does. */

let lab: InstallLab
let site: Site
let api: RunningServer
let operators: AsyncDisposable | undefined
beforeAll(async () => {
  lab = await labUp(`test-charts-${process.pid}`, ['m1'], { behindJump: true })
  site = await openSite(lab, { servers: ['m1'] })
  await writeFile(join(site.home, 'web.tgz'), packedChart({ 'templates/web.yaml': deployment, 'values.yaml': values }))
  // What the database asks for has to be there before it, and comes with its operator.
  await writeFile(join(site.home, 'pgo.tgz'), labChart('pgo', { files: { 'templates/class.yaml': storageClass } }))
  await describeCluster({ replicas: 2 })
  api = await site.serve()
})
afterAll(async () => {
  await operators?.[Symbol.asyncDispose]()
  await api?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const storageClass = JSON.stringify({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'lab', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'lab.slipway/volumes',
})

function describeCluster(wanted: Readonly<Record<string, unknown>>) {
  const { jump } = lab.description
  const ssh = {
    user: 'root',
    key_file: lab.keyFile,
    jump: [{ host: jump?.address, user: 'root', key_file: lab.keyFile }],
  }
  const charts = [
    { name: 'web', chart: './web.tgz', values: wanted, timeout_s: 60 },
    { name: 'behind', namespace: 'web', chart: './web.tgz', after: ['web'], timeout_s: 60 },
  ]
  const components = {
    'operator-pgo': { chart: './pgo.tgz' },
    'infra-postgres': { replicas: 1, size: '1Gi', backup_size: '1Gi' },
  }
  return site.write({ servers: ['m1'], spec: { ssh, platform: { components, charts } } })
}
const accepted = ['--accept', 'few-cpus', '--accept', 'little-memory']
const apply = () => ['apply', '-f', site.file, ...accepted, '--yes']
const ready = (name: string) =>
  lab.read('m1', `${hostKubectl} get deployment ${name} --namespace web --output jsonpath={.status.availableReplicas}`)

it('a plan says what comes after the cluster; one apply makes all of it, also when the server is killed in each part', async () => {
  const plan = await site.done('plan', '-f', site.file, ...accepted)
  expect(plan).toMatch(/Chart web {2}after cluster\/labels, .*platform\/chart:web\n +the cluster is not there yet/)
  const stages = ['component:operator-pgo', 'component:infra-postgres', 'chart:web', 'chart:behind']
  const [killed] = await Promise.all([
    killedInEach(
      site,
      api,
      apply(),
      stages.map(stage => `platform/${stage}`),
    ),
    operatorsInLab(lab, site, 'm1').then(started => (operators = started)),
  ])
  api = killed.server
  expect(killed.ended).toMatchObject({ code: 0 })
  expect([await ready('web'), await ready('behind')]).toEqual(['2', '1'])
  const { code, stdout } = await site.slipway('status', 'demo')
  expect([code, stdout]).toEqual([0, expect.stringMatching(/differs +nothing/)])
  expect(await site.done(...apply())).toContain('nothing to do')
})

it('what was changed in the cluster by hand is found by status, and put right by the next apply', async () => {
  await lab.read('m1', `${hostKubectl} delete deployment web --namespace web`)
  const { code, stdout } = await site.slipway('status', 'demo')
  expect([code, stdout]).toEqual([3, expect.stringContaining('bring back what is gone: Deployment web/web')])
  await site.done(...apply())
  expect(await ready('web')).toBe('2')
  expect(await site.done(...apply())).toContain('nothing to do')
})
