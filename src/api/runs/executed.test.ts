import { expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { inTheWay } from './executed.ts'

const run = { id: 'r1', subject: { kind: 'cluster', name: 'demo' }, approved_by: 'me' }
const held = new SlipwayError('lease-held', 'm', { facts: { cluster: 'demo', run: 'r1' } })

it.each([
  ['running', { host: 'box', pid: 7 }, /is changing cluster demo: process 7 on box/, /logs -f r1.*cancel r1/],
  ['running', null, /^run r1 of cluster demo was interrupted, and nobody executes it$/, /resume r1.*cancel r1/],
  ['queued', null, /waits for a worker/, /logs -f r1.*cancel r1/],
] as const)('a run that is %s, held by %j, is told as what it is', (status, holder, message, remedy) => {
  const told = inTheWay({ ...run, status }, holder, held)
  expect(told).toMatchObject({ code: 'lease-held', facts: { run: 'r1', ...holder } })
  expect(told.message).toMatch(message)
  expect(told.remedy).toMatch(remedy)
})
