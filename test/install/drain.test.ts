import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt } from './moments.ts'
import { hostKubectl, nodeStatuses } from './nodes.ts'

/** Agents called w1 and w10 with pods on both: what is drained is the one that was named. */

const names = ['m1', 'w1', 'w10']

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-drain-${process.pid}`, names)
  site = await openSite(lab, { servers: ['m1'], workers: ['w1', 'w10'] })
  server = await site.serve()
  await site.done('apply', '-f', site.file, '--yes')
  await kubectl(
    `apply -f - <<'OBJECTS'
${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [deployment('near', 'w1'), deployment('far', 'w10')] })}
OBJECTS`,
  )
  await until('all pods run', async () => (await podsOf('near')).length + (await podsOf('far')).length === 4)
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const kubectl = (line: string) => lab.read('m1', `${hostKubectl} ${line}`)

function deployment(name: string, node: string) {
  const labels = { app: name }
  const spec = {
    nodeSelector: { 'kubernetes.io/hostname': node },
    containers: [{ name: 'pause', image: 'pause' }],
    terminationGracePeriodSeconds: 0,
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

const listed = z.object({ items: z.array(z.object({ metadata: z.object({ uid: z.string() }) })) })
/** uids of the pods that a node runs. */
async function podsOf(app: string): Promise<readonly string[]> {
  const text = await kubectl(`get pods -l app=${app} --field-selector status.phase=Running -o json`)
  return listed
    .parse(JSON.parse(text))
    .items.map(({ metadata }) => metadata.uid)
    .toSorted()
}
const cordoned = async () =>
  (await kubectl('get nodes --field-selector spec.unschedulable=true -o name')).split('\n').filter(Boolean)
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const restored = async () => {
  await site.done('uncordon', site.cluster, 'w1', '--yes')
  await until('both pods run again', async () => (await podsOf('near')).length === 2)
}

describe('a drain', () => {
  it('shows what it would do, and asks', async () => {
    const shown = await site.done('drain', site.cluster, 'w1', '--dry-run')
    expect(shown).toContain('Drain w1 of demo')
    // Pods of the system may have come to it as well.
    const evicted = shown.split('\n').find(line => /- evict \d+ pods: /.test(line)) ?? ''
    expect(evicted.match(/default\/near-/g)).toHaveLength(2)
    expect(evicted).not.toContain('default/far-')
    const unattended = await site.slipway('drain', site.cluster, 'w1')
    expect(unattended.code).toBe(5)
    expect(said(unattended)).toMatch(/slipway drain demo w1 --approve [0-9a-f]{12}/)
    expect(await cordoned()).toEqual([])
  })

  it('empties the node that is named, and leaves the one whose name begins the same', async () => {
    const far = await podsOf('far')
    await site.done('drain', site.cluster, 'w1', '--yes')
    expect(await podsOf('near')).toEqual([])
    expect(await podsOf('far')).toEqual(far)
    expect(await cordoned()).toEqual(['node/w1'])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 draining', 'w10 active'])
    expect(await site.done('drain', site.cluster, 'w1', '--yes')).toBe('demo: nothing to do\n')
    // What somebody wants drained stays so, whatever else is applied.
    expect(await site.done('apply', '-f', site.file, '--yes')).toBe('demo: nothing to do\n')
    expect(await cordoned()).toEqual(['node/w1'])
  })

  it('is taken back by an uncordon', async () => {
    await restored()
    expect(await cordoned()).toEqual([])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active', 'w10 active'])
    expect(await site.done('uncordon', site.cluster, 'w1')).toBe('demo: nothing to do\n')
  })
})

describe('a budget that lets none of its pods go', () => {
  const budget = 'create poddisruptionbudget held --selector app=near --min-available 2'

  it('is named in the plan with its pods and what would unblock it, and has to be accepted', async () => {
    await kubectl(budget)
    await until('it is counted', async () => (await kubectl('get pdb held -o jsonpath={.status.expectedPods}')) === '2')
    const refused = await site.slipway('drain', site.cluster, 'w1', '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toMatch(/budget default\/held \(minAvailable 2\) holds default\/near-\S+, default\/near-\S+/)
    expect(said(refused)).toContain('give it more pods (replicas), or loosen its minAvailable 2')
    expect(said(refused)).toContain('--accept disruption-budget')
    expect(await cordoned()).toEqual([])
  })

  it('fails the drain at its deadline with the same words, and the drain goes on when it is gone', async () => {
    const accepted = ['--yes', '--accept', 'disruption-budget', '--timeout', '4']
    const failed = await site.slipway('drain', site.cluster, 'w1', ...accepted)
    expect(failed.code).toBe(4)
    expect(said(failed)).toMatch(/still has 2 pods after 4 s: budget default\/held \(minAvailable 2\)/)
    expect(await cordoned()).toEqual(['node/w1'])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 draining', 'w10 active'])
    await kubectl('delete pdb held')
    const [run] = z.array(z.object({ id: z.string() })).parse(JSON.parse(await site.done('runs', 'demo', '-o', 'json')))
    await site.done('resume', run?.id ?? '')
    expect(await podsOf('near')).toEqual([])
    await restored()
  })

  it('may be waited for, and a cancel ends that with the node as it was', async () => {
    await kubectl(budget)
    await cancelled(async run => void (await site.done('cancel', run)))
  })

  it('a cancel takes the cordon back though the server was killed', async () => {
    await cancelled(async run => {
      process.kill(server.pid, 'SIGKILL')
      await until('it is gone', () => !isAlive(server.pid))
      server = await site.serve()
      await site.done('cancel', run)
    })
    await kubectl('delete pdb held')
  })

  async function cancelled(cancel: (run: string) => Promise<void>): Promise<void> {
    const before = await podsOf('near')
    const accepted = ['--yes', '--accept', 'disruption-budget']
    const caught = await catchAt(site, server, ['drain', site.cluster, 'w1', ...accepted], ({ message }) =>
      /near-\S+ is held: /.test(message),
    )
    expect(await cordoned()).toEqual(['node/w1'])
    await cancel(caught.run)
    await caught.ended
    expect(await cordoned()).toEqual([])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active', 'w10 active'])
    expect(await podsOf('near')).toEqual(before)
  }
})

describe('what cannot be drained', () => {
  it.each([
    ['a node that is not on record', ['w2'], 'w2', 'has no such node on record'],
    ['a node that is named twice', ['w1', 'w1'], 'w1', 'it is named twice'],
    ['all that take pods', ['w1', 'w10'], 'cluster', 'no worker is left that takes the pods'],
  ])('%s is refused, and nothing is changed', async (_what, nodes, about, why) => {
    const refused = await site.slipway('drain', site.cluster, ...nodes, '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain(about)
    expect(said(refused)).toContain(why)
    expect(await cordoned()).toEqual([])
  })

  it('a pod that nothing makes anew is lost only when that is allowed', async () => {
    await kubectl(`run alone --image pause --overrides '{"spec":{"nodeName":"w10"}}'`)
    await until('it runs', async () => (await kubectl('get pod alone -o jsonpath={.status.phase}')) === 'Running')
    const refused = await site.slipway('drain', site.cluster, 'w10', '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('nothing would bring these pods back elsewhere: default/alone')
    expect(said(refused)).toContain('--delete-unmanaged')
    await site.done('drain', site.cluster, 'w10', '--delete-unmanaged', '--yes')
    expect(await kubectl('get pods -l run=alone -o name')).toBe('')
    await site.done('uncordon', site.cluster, 'w10', '--yes')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
