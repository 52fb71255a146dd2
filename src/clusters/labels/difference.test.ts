import { describe, expect, it } from 'vitest'
import type { Node } from '../../kubernetes/resources.ts'
import { markChanges, markPatch } from './difference.ts'
import { labelsFrom, type NodeMarks, taintsFrom } from './marks.ts'

const wanted = (labels: readonly string[], taints: readonly string[] = []): NodeMarks => ({
  hostname: 'w1',
  labels: labelsFrom(labels),
  taints: taintsFrom(taints),
})
const node = (
  labels: Readonly<Record<string, string>>,
  { taints = [], ...annotations }: { taints?: Node['spec']['taints']; labels?: string; tainted?: string } = {},
): Node => ({
  metadata: {
    name: 'w1',
    uid: '1',
    resourceVersion: '1',
    labels,
    annotations: {
      ...(annotations.labels !== undefined && { 'slipway/labels': annotations.labels }),
      ...(annotations.tainted !== undefined && { 'slipway/taints': annotations.tainted }),
    },
  },
  spec: { taints },
})
const told = (...given: Parameters<typeof markChanges>) => markChanges(...given).map(({ summary }) => summary)
const dedicated = { key: 'dedicated', value: 'db', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:00Z' }
const foreign = { key: 'gpu', effect: 'NoExecute' }

describe('labels', () => {
  it('that are as wanted, and known as ours, are left', () => {
    const same = node({ tier: 'web', mine: 'yes' }, { labels: 'tier' })
    expect(markChanges(wanted(['tier=web']), same)).toEqual([])
    expect(markPatch(wanted(['tier=web']), same)).toBeNull()
    expect(markChanges(wanted([]), node({ mine: 'yes' }))).toEqual([])
  })

  it('that are missing or others are set, and those that were ours once are removed; nobody else’s are touched', () => {
    const seen = node({ tier: 'db', zone: 'a', mine: 'yes' }, { labels: 'tier,zone,gone' })
    expect(told(wanted(['tier=web', 'new=']), seen)).toEqual(['set the labels tier=web, new=; remove the labels zone'])
    expect(markPatch(wanted(['tier=web', 'new=']), seen)).toEqual({
      metadata: { annotations: { 'slipway/labels': 'new,tier' }, labels: { tier: 'web', new: '', zone: null } },
    })
    expect(markPatch(wanted([]), seen)?.metadata).toEqual({
      annotations: { 'slipway/labels': null },
      labels: { tier: null, zone: null },
    })
  })

  it('that RKE2 has set at the registration are noted as ours, as one change with those that were planned', () => {
    const before = markChanges(wanted(['tier=web']), null)
    const after = markChanges(wanted(['tier=web']), node({ tier: 'web' }))
    expect(before).toMatchObject([{ summary: 'set the labels tier=web' }])
    expect(after).toMatchObject([{ summary: 'note which labels are those of the cluster file' }])
    expect(after.map(({ target, detail }) => ({ target, detail }))).toEqual(
      before.map(({ target, detail }) => ({ target, detail })),
    )
  })

  it('that kubelet and cloud provider keep themselves are left to them', () => {
    expect(markChanges(wanted(['kubernetes.io/arch=mips', 'node.kubernetes.io/instance-type=x']), node({}))).toEqual([])
  })
})

describe('taints', () => {
  it('change their value, come and go, and those of others stay as they are', () => {
    const seen = node({}, { taints: [foreign, dedicated], tainted: 'dedicated:NoSchedule' })
    expect(told(wanted([], ['dedicated=db:NoSchedule']), seen)).toEqual([])
    expect(markPatch(wanted([], ['dedicated=web:NoSchedule']), seen)).toEqual({
      metadata: { annotations: {} },
      spec: { taints: [foreign, { ...dedicated, value: 'web' }] },
    })
    expect(told(wanted([], ['dedicated=db:NoExecute']), seen)).toEqual([
      'set the taints dedicated=db:NoExecute (evicts the pods that do not tolerate them); remove the taints dedicated:NoSchedule',
    ])
    expect(markPatch(wanted([]), seen)).toEqual({
      metadata: { annotations: { 'slipway/taints': null } },
      spec: { taints: [foreign] },
    })
  })

  it('without a value are the same as with an empty one', () => {
    expect(
      markChanges(wanted([], ['gpu:NoExecute']), node({}, { taints: [foreign], tainted: 'gpu:NoExecute' })),
    ).toEqual([])
  })
})
