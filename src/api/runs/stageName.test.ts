import { expect, it } from 'vitest'
import { createRegistry } from '../../engine/contract/registry.ts'
import { bindStage, type StageKind } from '../../engine/contract/stage.ts'
import { stageName } from './stageName.ts'

const kind = (name: string): StageKind => ({
  kind: name,
  bind: ({ arguments: hosts }) =>
    bindStage({
      timeout: 1,
      touches: [],
      ...(Array.isArray(hosts) && { hosts: hosts.map(String) }),
      observe: async () => null,
      checkPrerequisites: () => [],
      shouldRun: () => ({ kind: 'skip', reason: '' }),
      execute: async () => {},
      waitForReady: async () => {},
    }),
})
const registry = createRegistry([kind('rke2/workers'), kind('rke2/prepare'), kind('rke2/finish')])
const many = Array.from({ length: 9 }, (_, index) => `w${index + 1}`)

it.each([
  ['rke2/workers', 'rke2/workers:w1', ['w1', 'w2', 'w3'], 'rke2/workers w1, w2, w3'],
  ['rke2/workers', 'rke2/workers:w1', many, 'rke2/workers w1 … w9 (9)'],
  ['rke2/prepare', 'rke2/prepare:w1', ['w1', 'w2'], 'rke2/prepare w1, w2'],
  ['rke2/workers', 'rke2/workers:w1', ['w1'], 'rke2/workers:w1'],
  ['rke2/prepare', 'rke2/prepare', ['m1', 'm2', 'm3'], 'rke2/prepare'],
  ['rke2/finish', 'rke2/finish', null, 'rke2/finish'],
  ['gone/batch', 'gone/batch:w1', ['w1', 'w2'], 'gone/batch:w1'],
])('%s, %s of %j is called %s', (name, key, hosts, called) => {
  expect(stageName({ kind: name, key, title: '', needs: [], arguments: hosts }, registry)).toBe(called)
})
