import { expect, it } from 'vitest'
import { argumentsOfStage } from '../stageBench.fixture.ts'
import { lossOf } from './loss.ts'
import { type Left, livesOn } from './stays.ts'
import { bootstrapRecord } from '../observedCluster.fixture.ts'

const given = argumentsOfStage('rke2/prepare', 3, 0)
const stage = { ...given, keep_snapshots: false, accepted: [] as string[] }
const away = (hostname: string): Left => ({ hostname, holds: null })
const names = (left: readonly Left[], accepted: string[] = []) =>
  livesOn({ ...stage, accepted }, left).map(({ message }) => message)

it('a cluster whose own data stays on a server that belongs to somebody else is not forgotten silently', () => {
  expect(names([{ hostname: 'm2', holds: true }])).toEqual([expect.stringMatching(/on m2, .*kubeconfig are deleted/)])
  expect(names([{ hostname: 'm2', holds: true }], ['cluster-lives-on'])).toEqual([])
  // Another cluster lives there.
  expect(names([{ hostname: 'm2', holds: false }])).toEqual([])
})

it('nor is one of which no server is uninstalled', () => {
  expect(names(['m1', 'm2', 'm3'].map(away))).toEqual([expect.stringContaining('it may go on there')])
  expect(names(['m1', 'm2'].map(away))).toEqual([])
  expect(names([{ hostname: 'm1', holds: false }, away('m2'), away('m3')])).toHaveLength(1)
})

it('what is lost is told of the machines that are cleaned, and of those that keep their data', () => {
  const none = { newest: null, servers: [], off: false, warnings: [] }
  const told = (left: readonly Left[]) => lossOf(stage, bootstrapRecord, none, left)
  expect(told([])).toMatch(/^all data goes with its 3 machines: .* local disks\. /)
  expect(told([away('m2')])).toMatch(/with its 2 machines: .*; m2 keeps what lies there\. /)
  expect(told(['m1', 'm2', 'm3'].map(away))).toMatch(/^no machine is cleaned; m1, m2, m3 keep/)
})
