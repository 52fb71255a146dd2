import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt } from './moments.ts'
import { nodeStatuses, traces } from './nodes.ts'

/** Somebody else works on the machines between the approval and the work. */

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-world-${process.pid}`, ['m1', 'w1'])
  site = await openSite(lab, { servers: ['m1'], workers: ['w1'], spec: { ready_timeout_s: 60 } })
  server = await site.serve()
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const config = '/etc/rancher/rke2/config.yaml'
const byHand = `mkdir -p /etc/rancher/rke2 && echo 'node-label: [ by=hand ]' > ${config}`
const shownRuns = z.array(z.object({ id: z.string(), status: z.string(), pending_hash: z.string().nullable() }))
const newest = async () => shownRuns.parse(JSON.parse(await site.done('runs', site.cluster, '-o', 'json')))[0]
const planHash = async () =>
  z.object({ hash: z.string() }).parse(JSON.parse((await site.slipway('plan', '-f', site.file, '-o', 'json')).stdout))
    .hash

describe('a machine that is changed while its run is under way', () => {
  let paused: Finished

  it('makes the run wait for an approval, and the difference is shown', async () => {
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes'],
      ({ type, stage }) => type === 'stage-started' && stage === 'rke2/initial-master',
    )
    await lab.read('w1', byHand)
    paused = await caught.ended
    expect(paused.code).toBe(5)
    expect(said(paused)).toMatch(/is paused: the world is not as it was/)
    expect(said(paused)).toMatch(/~ write the configuration of rke2-agent \(node-label is not wanted; .+\) +w1/)
    const run = await newest()
    expect(run?.status).toBe('awaiting_approval')
    expect(said(paused)).toContain(`slipway approve ${caught.run} ${run?.pending_hash?.slice(0, 12)}`)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 pending'])
    expect(await lab.read('w1', `cat ${config}`)).toBe('node-label: [ by=hand ]')
  })

  it('goes on only with the hash of what it would do now', async () => {
    const { id, pending_hash } = (await newest()) ?? { id: '', pending_hash: null }
    const other = await site.slipway('approve', id, '0123456789ab')
    expect(other.code).toBe(5)
    expect((await newest())?.status).toBe('awaiting_approval')
    const approved = await site.slipway('approve', id, pending_hash?.slice(0, 12) ?? '')
    expect(said(approved)).toContain('completed')
    expect(approved.code).toBe(0)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    expect(await lab.read('w1', `cat ${config}`)).toContain(`server: "https://${lab.address('m1')}:9345"`)
  })
})

describe('a machine that is changed between the plan and its approval', () => {
  it('refuses the hash of before, and changes nothing', async () => {
    await lab.read('w1', 'systemctl disable --now rke2-agent')
    const before = await planHash()
    await lab.read('w1', byHand)
    const untouched = await traces(lab, ['m1', 'w1'])
    const refused = await site.slipway('apply', '-f', site.file, '--approve', before)
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('plan-changed')
    expect(await traces(lab, ['m1', 'w1'])).toEqual(untouched)
    expect(
      await site.done('runs', site.cluster, '-o', 'json').then(text => shownRuns.parse(JSON.parse(text))),
    ).toHaveLength(1)
    const now = await planHash()
    expect(said(refused)).toContain(now.slice(0, 12))
    const applied = await site.slipway('apply', '-f', site.file, '--approve', now)
    expect(said(applied)).toContain('completed')
    expect(applied.code).toBe(0)
    expect(await lab.read('w1', 'systemctl is-active rke2-agent')).toBe('active')
  })
})
