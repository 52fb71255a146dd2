import { expect, it } from 'vitest'
import type { StoredError, Transition } from '../contract/records.ts'
import { createRunWriter } from './runWriter.ts'

const secret = 'hunter22'
const lease = { subject: { kind: 'cluster', name: 'demo' }, worker: 'w', epoch: 1, number: 1 }
const held = { lease, lost: new AbortController().signal, lose: () => {}, giveBack: () => {} }

async function written(transition: Transition): Promise<string> {
  const stored: Transition[] = []
  const records = { write: async (_run: string, one: Transition) => void stored.push(one) }
  await createRunWriter(records, 'r1', held, text => text.replaceAll(secret, '***')).write(transition)
  return JSON.stringify(stored)
}

const error: StoredError = {
  code: 'service-failed',
  message: `m1: ${secret}`,
  remedy: `change ${secret}`,
  causes: [`because of ${secret}`],
  findings: [
    { name: 'disk-full', severity: 'error', about: `node ${secret}`, message: `is ${secret}`, remedy: `not ${secret}` },
  ],
  facts: { journal: `said ${secret}`, hosts: [{ name: secret }], restarts: 3 },
}

it.each<[string, Transition]>([
  ['the error of a run', { run: { step: 'fail', error } }],
  ['the error of a stage', { stages: [{ key: 'a', step: 'fail', error }] }],
  ['the error of an attempt', { stages: [{ key: 'a', attempt: { number: 1, status: 'failed', error } }] }],
  ['the reason of a stage', { stages: [{ key: 'a', reason: `for ${secret}` }] }],
  ['an event', { events: [{ type: 'stage-blocked', message: secret, data: { needs: [secret] } }] }],
  ['the result of a host', { results: [{ stage: 'a', host: 'm1', attempt: 1, outcome: 'failed', message: secret }] }],
  [
    'the error of a node',
    { changes: { list: [{ type: 'node', hostname: 'm1', event: 'fail', error: secret }], attempt: 'r1/a/1' } },
  ],
])('takes secrets out of %s, wherever they stand in it', async (_name, transition) => {
  const text = await written(transition)
  expect(text).toContain('***')
  expect(text).not.toContain(secret)
})
