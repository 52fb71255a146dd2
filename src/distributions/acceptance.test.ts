import { expect, it } from 'vitest'
import {
  acceptedAbsences,
  acceptedKeys,
  idleAcceptance as idleIn,
  readAcceptance as readIn,
} from '../domain/acceptance.ts'
import { findings } from './index.ts'

const readAcceptance = (words: readonly string[], names: readonly string[]) => readIn(findings, words, names)
const idleAcceptance = (words: readonly string[]) => idleIn(findings, words)
const hostnames = ['m1', 'm2.example.org']

it('words of acceptance are sorted, each once', () => {
  expect(readAcceptance(['swap-on', 'even-servers', 'swap-on'], hostnames)).toEqual(['even-servers', 'swap-on'])
})

it('a word that accepts nothing makes no other plan, and is told with a guess', () => {
  expect(readAcceptance(['even-server', 'swap-on', 'nonsense'], hostnames)).toEqual(['swap-on'])
  expect(idleAcceptance(['even-server', 'unreachble:m1', 'swap-on', 'host-key-changed:m1', 'nonsense'])).toMatchObject([
    { about: '--accept even-server', remedy: 'Did you mean even-servers?' },
    { about: '--accept unreachble:m1', remedy: 'Did you mean unreachable:m1?' },
    { about: '--accept nonsense', remedy: expect.stringMatching(/few-cpus, little-memory.* unreachable:HOST/) },
  ])
})

it('a changed host key is accepted of the machine that is named only', () => {
  const accepted = readAcceptance(['host-key-changed:m2.example.org', 'swap-on'], hostnames)
  expect(acceptedKeys(accepted)).toEqual(new Set(['m2.example.org']))
})

it('the key of a jump host is accepted by the name it is recorded under', () => {
  expect(acceptedKeys(readAcceptance(['host-key-changed:jump_2001:db8::1_22'], hostnames))).toEqual(
    new Set(['jump_2001:db8::1_22']),
  )
})

it.each([
  ['host-key-changed', '--accept host-key-changed:m1'],
  ['host-key-changed:m3', 'as the cluster file does'],
  ['host-key-changed:', 'as the cluster file does'],
  ['unreachable', '--accept unreachable:m1'],
  ['unreachable:m2', 'as the cluster file does: --accept unreachable:m1.'],
  ['unreachable:', 'as the cluster file does'],
  ['unreachable:jump_10.0.0.1_22', 'as the cluster file does'],
  ['left-alone', '--accept left-alone:m1'],
  ['left-alone:m3', 'as the cluster file does'],
  ['unreachable:m1,m2.example.org', 'as the cluster file does'],
])('%s is a mistake that is explained', (word, remedy) => {
  expect(() => readAcceptance([word], hostnames)).toThrow(
    expect.objectContaining({ code: 'usage', remedy: expect.stringContaining(remedy) }),
  )
})

it('a machine may be left out by its name only', () => {
  const accepted = readAcceptance(['unreachable:m1', 'swap-on', 'unreachable:m1'], hostnames)
  expect(accepted).toEqual(['swap-on', 'unreachable:m1'])
  expect(acceptedAbsences(accepted)).toEqual(new Set(['m1']))
  expect(idleAcceptance(['unreachable:m1'])).toEqual([])
})
