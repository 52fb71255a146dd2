import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk({ machines: 'folders' })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText())
  await desk.serve()
  expect(await desk.slipway(['apply', '-f', 'cluster.yaml', '--yes'])).toMatchObject({ code: 0 })
})
afterAll(() => desk[Symbol.asyncDispose]())

it('of a cluster tells the last snapshot below its row, or warns; the list of all asks no machine', async () => {
  const none = await desk.slipway(['status', 'demo'])
  expect(none).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^CLUSTER.*\ndemo .*\n\nNODE.*\nm1 .*\nw1 .*\n\nlast snapshot {3}none\ndiffers {9}nothing, as seen .*\n$/,
    ),
  })
  expect(none.stderr).toMatch(/warning etcd: no snapshot of etcd has been taken on m1\n.*\(no-snapshot\)/)
  await mkdir(join(desk.world, 'm1'), { recursive: true })
  await writeFile(join(desk.world, 'm1', 'snapshot'), 'etcd-snapshot-m1-1')
  const one = await desk.slipway(['status', 'demo'])
  expect(one.stdout).toContain(
    'last snapshot   2026-11-28T12:00:05Z on m1 (60 min ago), /var/lib/rancher/rke2/server/db/snapshots\n',
  )
  expect(one.stderr).not.toContain('warning')
  const shown: unknown = JSON.parse((await desk.slipway(['status', 'demo', '-o', 'json'])).stdout)
  expect(shown).toMatchObject({
    name: 'demo',
    spec: { distribution: 'rke2' },
    drift: { differs: false, nodes: [{ hostname: 'm1', recorded: { status: 'active' } }, { hostname: 'w1' }] },
    snapshots: { off: false, newest: { hostname: 'm1', name: 'etcd-snapshot-m1-1', size: 4096 }, warnings: [] },
  })
  const nodes = await desk.slipway(['nodes', 'demo'])
  expect(nodes.stdout).toMatch(/^HOSTNAME +ROLE +STATUS +LAST SEEN .*\nm1 +initial_master +active +just now /)
  const all = await desk.slipway(['status'])
  expect(all.stdout).toMatch(/^demo .* 2 active +just now +\w+ completed$/m)
  expect(all.stdout + all.stderr).not.toContain('snapshot')
})

it('of a cluster tells what differs from the record, and ends with 3 then', async () => {
  await writeFile(join(desk.world, 'w1', 'drift'), '')
  const differs = await desk.slipway(['status', 'demo'])
  expect(differs.code).toBe(3)
  expect(differs.stdout).toMatch(/^w1 +worker +active +seen +v1\S+ +active .* service$/m)
  expect(differs.stdout).toMatch(/^differs {9}apply would:\n {6}↻ restart it {2}w1$/m)
  const plan = JSON.parse((await desk.slipway(['plan', 'demo', '-o', 'json'])).stdout)
  const shown = JSON.parse((await desk.slipway(['status', 'demo', '-o', 'json'])).stdout)
  expect(shown.drift).toMatchObject({ differs: true, plan: plan.hash, changes: [], findings: [] })
  expect(shown.drift.nodes[1].changes).toEqual(plan.stages[1].decision.changes)
  await rm(join(desk.world, 'w1', 'drift'))
})

it('never tells a machine that does not answer by its record', async () => {
  await writeFile(join(desk.world, 'w1', 'off'), '')
  const unseen = await desk.slipway(['status', 'demo'])
  expect(unseen).toMatchObject({ code: 3, stdout: expect.stringMatching(/^not seen {8}w1: w1 is off$/m) })
  expect(unseen.stdout).toMatch(/^w1 +worker +active +not seen, last just now +- +- /m)
  expect(unseen.stdout).not.toContain('nothing')
  await rm(join(desk.world, 'w1', 'off'))
})
