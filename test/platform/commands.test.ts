import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { clusterText } from '../cli/clusterText.ts'
import { deployment, packedChart, values } from './packedChart.ts'
import { openPlatformDesk, type PlatformDesk } from './platformDesk.ts'

/** The commands that change the desired platform, and what a file does after them, on a real API server. */

let plane: ControlPlane
let site: PlatformDesk
beforeAll(async () => {
  plane = await startControlPlane('controllers')
  site = await openPlatformDesk(() => plane.kubeconfig)
}, 60_000)
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
})

const files = { 'templates/web.yaml': deployment, 'values.yaml': values }
const chartFile = (name: string, version: string) =>
  writeFileSync(join(site.desk.folder, name), packedChart(files, { version }))
const write = (platform: object) =>
  writeFileSync(join(site.desk.folder, 'demo.yaml'), `${clusterText()}  platform: ${JSON.stringify(platform)}\n`)
const platform = (chart: string, more: object = {}) => ({
  charts: [{ name: 'shop', chart, values: { replicas: 0 } }],
  ...more,
})
const slipway = async (...args: string[]) => {
  const { code, stdout, stderr } = await site.desk.slipway(args)
  return { code, said: stdout + stderr }
}

it('upgrade, rollback and disable change one chart; an earlier file does not undo them unless that is accepted', async () => {
  chartFile('old.tgz', '1.0.0')
  chartFile('new.tgz', '1.1.0')
  write(platform('old.tgz', { components: { 'operator-grafana': { enabled: false } } }))
  expect(await slipway('apply', '-f', 'demo.yaml', '--yes')).toMatchObject({ code: 0 })
  expect(await slipway('platform', 'apply', 'demo', '--yes')).toMatchObject({ code: 0 })

  const upgrade = ['platform', 'upgrade', 'demo', 'shop', '--chart', 'new.tgz']
  expect((await slipway(...upgrade, '--dry-run')).said).toMatch(/web: 1\.0\.0 → 1\.1\.0/)
  expect(await slipway(...upgrade, '--yes')).toMatchObject({ code: 0 })
  expect(await slipway(...upgrade, '--yes')).toMatchObject({ code: 0, said: expect.stringContaining('nothing to do') })
  const undone = await slipway('apply', '-f', 'demo.yaml', '--yes')
  expect(undone).toMatchObject({ code: 5, said: expect.stringContaining('command-undone') })
  expect(undone.said).toContain('chart new.tgz → old.tgz')
  expect(await slipway('platform', 'plan', 'demo', '-f', 'demo.yaml')).toMatchObject({
    said: expect.stringContaining('command-undone'),
  })

  const back = await slipway('platform', 'rollback', 'demo', 'shop', '--yes')
  expect(back).toMatchObject({ code: 0 })
  expect(back.said).toContain('slipway platform upgrade demo shop --chart FILE')
  expect((await slipway('platform', 'plan', 'demo')).said).toMatch(/web: 1\.0\.0 → 1\.1\.0/)
  expect(await slipway('platform', 'upgrade', 'demo', 'shop', '--chart', 'old.tgz', '--yes')).toMatchObject({
    code: 0,
    said: expect.stringContaining('nothing to do'),
  })
  expect(await slipway('apply', '-f', 'demo.yaml', '--yes')).toMatchObject({ code: 0 })

  const shown = (await slipway('platform', 'disable', 'demo', 'shop', '--dry-run')).said
  expect(shown).toContain('demo: the desired state becomes another one; nothing to do on the cluster')
  const off = await slipway('platform', 'disable', 'demo', 'shop')
  expect(off.said).toContain('demo: the desired state is another one now; nothing to do on the cluster')
  expect(off).toMatchObject({ code: 0 })
  expect(off.said).toContain('release shop/shop of web 1.0.0 stays as it is, with all data')
  expect(plane.kubectl(['get', 'deployment', '-n', 'shop', '-o', 'name'])).toContain('shop')
  expect((await slipway('apply', '-f', 'demo.yaml', '--yes')).said).toContain('Take it out of the file as well')
  expect(await slipway('platform', 'disable', 'demo', 'shop', '--uninstall', '--yes')).toMatchObject({ code: 0 })
  expect(plane.kubectl(['get', 'deployment', '-n', 'shop', '-o', 'name'])).toBe('')
  expect(await slipway('platform', 'disable', 'demo', 'shop', '--uninstall', '--yes')).toMatchObject({ code: 0 })

  write({})
  expect(await slipway('apply', '-f', 'demo.yaml', '--yes')).toMatchObject({ code: 0 })
  expect(await slipway('platform', 'disable', 'demo', 'shpo')).toMatchObject({
    code: 5,
    said: expect.stringContaining('component-unknown'),
  })
})

describe('refused, with the way out, is', () => {
  beforeAll(async () => {
    write({ components: { 'infra-postgres': {} } })
    expect(await slipway('apply', '-f', 'demo.yaml', '--yes')).toMatchObject({ code: 0 })
  })

  it.each([
    ['disable', ['shop', '--cascade', 'orphan'], /Add --uninstall/],
    ['disable', ['shop', '--uninstall', '--namespace', 'My_Shop'], /--namespace.*My_Shop.*lower-case letters/],
    ['rollback', ['shop', '--namespace', ''], /--namespace.*lower-case letters/],
    ['upgrade', ['operator-pgo'], /say what it is to be/],
    ['upgrade', ['operator-pgo', '--chart', 'missing.tgz'], /missing\.tgz.*\n.*--repository/s],
    ['rollback', ['operator-pgo', '--revision', '0'], /a number from 1 on/],
  ])('%s %j', async (command, args, words) => {
    const { code, said } = await slipway('platform', command, 'demo', ...args, '--yes')
    expect(code).not.toBe(0)
    expect(said).toMatch(words)
  })

  it.each([
    [
      'platform-disable',
      { components: ['infra-postgres'], uninstall: true },
      /kubectl delete postgresclusters\.\S+ postgres -n postgres/,
    ],
    ['platform-disable', { components: ['operator-pgo'], uninstall: true }, /infra-postgres needs it/],
    ['platform-disable', { components: [] }, /components/],
    ['platform-upgrade', { component: 'infra-postgres', version: '1.2.3' }, /infra-postgres is no chart/],
    ['platform-upgrade', { component: 'operator-pgo', version: 'latest' }, /one version is needed/],
    [
      'platform-upgrade',
      { component: 'operator-grafana', version: '1.2.3' },
      /does not name component operator-grafana/,
    ],
    ['platform-upgrade', { component: 'operator-pgo', chart: 'oci://r.example/pgo' }, /needs its version/],
    [
      'platform-upgrade',
      { component: 'operator-pgo', chart: 'oci://r.example/pgo:1', version: '1.2.3' },
      /no OCI reference/,
    ],
    ['platform-upgrade', { component: 'operator-pgo', chart: 'a.tgz' }, /contents of a\.tgz were not sent/],
    [
      'platform-upgrade',
      { component: 'operator-pgo', chart: 'a.tgz', files: { 'a.tgz': 'aGFsbG8=' } },
      /chart-no-archive/,
    ],
    ['platform-upgrade', { component: 'operator-pgo' }, /say what it is to be/],
    ['platform-rollback', { component: 'infra-postgres' }, /no revisions to go back to/],
    ['platform-rollback', { component: 'operator-pgo' }, /nothing-to-roll-back/],
  ])('%s %j', async (operation, args, words) => {
    const { body } = await site.api.call('POST', '/api/v1/plans', {
      body: { cluster: 'demo', operation: { operation, ...args } },
    })
    expect(body).toMatch(words)
    // By its own route it is the same.
    const path = `/api/v1/clusters/demo/platform/${operation.replace('platform-', '')}`
    expect((await site.api.call('POST', path, { body: args })).body).toMatch(words)
  })
})
