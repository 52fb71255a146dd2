import { expect, it } from 'vitest'
import { reasonOf } from './reasons.ts'

const change = (host: string, part: string, effect: 'create' | 'update' | 'restart') => ({
  effect,
  target: `node/${host}/${part}`,
  summary: part,
})

it('says of each host the first thing it lacks', () => {
  expect(
    reasonOf([
      change('w1', 'config', 'create'),
      change('w1', 'service', 'create'),
      change('w1', 'membership', 'create'),
      change('w2', 'config', 'update'),
      change('w2', 'service', 'restart'),
      change('w3', 'config', 'update'),
      change('w7', 'config', 'update'),
      change('w7', 'service', 'create'),
      change('w4', 'service', 'restart'),
      change('w5', 'service', 'create'),
      change('w6', 'membership', 'create'),
      { effect: 'create', target: 'cluster/bootstrap', summary: 'make the cluster' },
    ]),
  ).toBe(
    'w1 is not in the cluster yet; ' +
      'w2 has other settings than wanted: they are changed, and its service is restarted; ' +
      'w3, w7 have other settings than wanted; w4 runs with earlier settings; ' +
      'w5 does not run its service; w6 is not ready',
  )
})

it('counts where names would fill the line', () => {
  const many = Array.from({ length: 200 }, (_, index) => change(`w${index}`, 'config', 'create'))
  expect(reasonOf(many)).toBe('200 machines are not in the cluster yet')
})
