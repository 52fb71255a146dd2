import { expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { aCluster, emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun, benchForEach } from './bench.ts'
import { codeStages } from './codeStages.ts'

const store = emptyStoreForEach()
const bench = benchForEach(store)
const installed_version = 'v1.34.1+rke2r1'
const joined = ['w1', 'w2', 'w3']

it('each host of a batch that has no word of its own fails of what the attempt failed of', async () => {
  await aCluster(store(), 'batch', 9, 4)
  const { requests, registry } = codeStages({
    a: {
      hosts: [...joined, 'w4'],
      records: {
        batch: {
          begun: hostname => [{ type: 'node', hostname, event: 'install' }],
          idle: hostname => [{ type: 'node-works', hostname, installed_version }],
          done: hostname => [{ type: 'node', hostname, event: 'ready', installed_version }],
          failed: (hostname, error) => [{ type: 'node', hostname, event: 'fail', error }],
        },
      },
      execute: async context => {
        await context.beginHosts(joined, 'w1, w2, w3 join')
        await context.hostResult('w1', 'changed')
        await context.hostResult('w2', 'failed', 'no room')
        throw new SlipwayError('playbook-failed', 'the play broke off')
      },
    },
  })
  const run = await createTestRun(store(), requests, 'batch', registry)
  bench().work({ registry })
  expect(await bench().settled(run)).toBe('failed')
  const nodes = await listNodes(store().database, 'batch')
  expect(nodes.map(({ hostname, status, last_error }) => [hostname, status, last_error])).toEqual([
    ['m1', 'pending', null],
    ['w1', 'active', null],
    ['w2', 'failed', 'no room'],
    ['w3', 'failed', 'playbook-failed: the play broke off'],
    ['w4', 'active', null],
  ])
})

it('a node whose stage is tried again is failed, too, where the last try ends at its look', async () => {
  await aCluster(store(), 'retried', 8, 1)
  let looks = 0
  const { requests, registry, executed } = codeStages({
    a: {
      retry: { attempts: 2, backoff: 10, when: () => true },
      records: {
        started: [{ type: 'node', hostname: 'm1', event: 'install' }],
        failed: error => [{ type: 'node', hostname: 'm1', event: 'fail', error: error.message }],
      },
      observe: async () => ++looks,
      checkPrerequisites: () =>
        looks > 2
          ? [
              {
                name: 'host-unreachable',
                severity: 'error',
                about: 'node m1',
                message: 'm1 is off',
                remedy: 'Boot it.',
              },
            ]
          : [],
      execute: async () => {
        throw new SlipwayError('host-unreachable', 'm1 is gone')
      },
    },
  })
  const run = await createTestRun(store(), requests, 'retried', registry)
  bench().work({ registry })
  expect(await bench().settled(run)).toBe('failed')
  expect(executed).toEqual([])
  const [node] = await listNodes(store().database, 'retried')
  expect(node).toMatchObject({ hostname: 'm1', status: 'failed', last_error: 'm1 is off' })
})
