import { mkdir, writeFile } from 'node:fs/promises'
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
    stdout: expect.stringMatching(/^CLUSTER.*\ndemo .*\nlast snapshot {3}none\n$/),
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
    snapshots: { off: false, newest: { hostname: 'm1', name: 'etcd-snapshot-m1-1', size: 4096 }, warnings: [] },
  })
  const nodes = await desk.slipway(['nodes', 'demo'])
  expect(nodes.stdout).toMatch(/^HOSTNAME +ROLE +STATUS +LAST SEEN .*\nm1 +initial_master +active +just now /)
  const all = await desk.slipway(['status'])
  expect(all.stdout).toMatch(/^demo .* 2 active +just now +\w+ completed$/m)
  expect(all.stdout + all.stderr).not.toContain('snapshot')
})
