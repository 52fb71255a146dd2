import { expect, it } from 'vitest'
import { toldOnce } from './toldOnce.ts'

type Said = Parameters<ReturnType<typeof toldOnce>>[0]

const wrong = `http://mirror/v1/rke2.linux-amd64.tar.gz has the sha256 ${'a'.repeat(64)}, but http://mirror/v1/sha256sum-amd64.txt lists ${'b'.repeat(64)}`
const cut = 'http://mirror/v1/rke2.linux-amd64.tar.gz ended after 1048576 of 31457280 bytes, also when asked again'
const install = 'Install the files of the release'

const failed = (host: string, reason: string): Said => ({
  type: 'host-result',
  host,
  message: `${host}: ${install}: ${reason}`,
})
const stage = (message: string): Said => ({ type: 'stage-failed', host: null, message })
const run = (message: string): Said => ({ type: 'run-failed', host: null, message })
const told = (events: readonly Said[]) => events.map(toldOnce())

it.each([
  ['a wrong checksum', wrong],
  ['a tarball that is cut', cut],
  ['a source that is not there', `no answer from http://mirror.example.com/a/release/v1.34.1: connection refused`],
])('%s is told in full of the first host, and by neither its stage nor its run', (_what, reason) => {
  expect(
    told([
      failed('s1', reason),
      stage(`s1: ${install}: ${reason}`),
      failed('w1', reason),
      failed('w2', reason),
      stage(`w1: ${install}: ${reason}`),
      run(`Check s1 and bring it the release: s1: ${install}: ${reason} (and 1 more)`),
    ]),
  ).toEqual([
    `${install}: ${reason}`,
    's1: as told above',
    'the same as s1',
    'the same as s1',
    'w1: as told above',
    'Check s1 and bring it the release: s1: as told above (and 1 more)',
  ])
})

it('a code before it makes no other reason, nor does the host that it is told of first', () => {
  const coded = (host: string): Said => ({
    type: 'host-result',
    host,
    message: `checksum-mismatch: ${host}: ${install}: ${wrong}`,
  })
  expect(
    told([coded('w1'), stage(`w1: ${install}: ${wrong}`), stage(`s1: ${install}: ${wrong}`), coded('w2')]),
  ).toEqual([
    `checksum-mismatch: w1: ${install}: ${wrong}`,
    'w1: as told above',
    's1: as told above',
    'checksum-mismatch: w2: the same as w1',
  ])
})

it('of a batch the title is told without the beginning of that reason', () => {
  const message = `2 of 2 hosts failed; first ${`w1: ${install}: ${wrong}`.slice(0, 200)} …`
  expect(told([failed('w1', wrong), stage(message), run(`Check w1, w2: ${message}`)]).slice(1)).toEqual([
    '2 of 2 hosts failed; first w1: as told above',
    'Check w1, w2: 2 of 2 hosts failed; first w1: as told above',
  ])
})

it('what no host has said is told by its stage', () => {
  const reason = `m1: ${'rke2-server ended: '.repeat(5)}`
  expect(told([stage(reason), run(`m1 as the first server: ${reason}`)])).toEqual([
    reason,
    'm1 as the first server: m1: as told above',
  ])
})

it('other reasons, short ones and progress are told as they are', () => {
  const other = wrong.replaceAll('a', 'c')
  const progress = { type: 'progress', host: 's1', message: `s1: ${wrong}` } as const
  expect(told([failed('s1', wrong), failed('w1', other), progress, progress])).toEqual([
    `${install}: ${wrong}`,
    `${install}: ${other}`,
    wrong,
    wrong,
  ])
  const full = 'the disk is full'
  expect(told([failed('s1', full), failed('s2', full)])[1]).toBe(`${install}: ${full}`)
})
