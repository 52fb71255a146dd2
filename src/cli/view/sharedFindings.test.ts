import { expect, it } from 'vitest'
import type { Finding } from '../../domain/errors.ts'
import { shareFindings } from './sharedFindings.ts'

const finding = (about: string, message: string, more: Partial<Finding> = {}): Finding => ({
  name: 'few-cpus',
  severity: 'warning',
  about,
  message,
  remedy: 'Give it more.',
  ...more,
})

it('what is found on many machines is told once, with their names, where the first of it stood', () => {
  const nodes = Array.from({ length: 12 }, (_, index) => `w${index + 1}`)
  const found = [
    finding('version v1', 'is gone'),
    ...nodes.map(node => finding(`node ${node}`, '1 CPU')),
    finding('cluster', 'x'),
  ]
  expect(shareFindings(found).map(({ about }) => about)).toEqual([
    'version v1',
    'nodes w1, w2, w3, w4, w5, w6, w7, w8, w9, w10 and 2 more',
    'cluster',
  ])
})

it('what differs in anything but the machine is told apart', () => {
  const found = [
    finding('node w1', '1 CPU'),
    finding('node w2', '2 CPUs'),
    finding('node w3', '1 CPU', { severity: 'error' }),
    finding('node w4', '1 CPU', { remedy: 'Take w4 out.' }),
    finding('nodes w5, w6', '3 CPUs'),
  ]
  expect(shareFindings(found)).toEqual(found)
})

it('what several batches found alike is told once as well', () => {
  const found = [
    finding('node m1', 'wrong sum'),
    finding('nodes w1, w2', 'wrong sum'),
    finding('nodes w1 and more', 'wrong sum'),
  ]
  expect(shareFindings(found).map(({ about }) => about)).toEqual(['nodes m1, w1, w2', 'nodes w1 and more'])
})
