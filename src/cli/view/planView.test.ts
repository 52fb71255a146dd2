import { expect, it } from 'vitest'
import { planLines } from './planView.ts'

const plain = (_: unknown, text: string) => text
const stage = (key: string, severities: readonly ('error' | 'warning')[]) => ({
  kind: key,
  key,
  title: key,
  needs: [],
  arguments: null,
  decision: { kind: 'skip' as const, reason: 'all machines have it' },
  after: [],
  unmet: severities.map(severity => ({
    name: 'disk-full' as const,
    severity,
    about: 'node m1',
    message: '',
    remedy: '',
  })),
})

it('a stage with an error does not pass for done: its machines may not have been seen', () => {
  const lines = planLines(
    {
      title: 'Apply demo',
      hash: 'a'.repeat(64),
      desired_version: 1,
      stages: [stage('done', ['warning']), stage('unseen', ['error'])],
    },
    plain,
  )
  expect(lines).toContain('  nothing to do: done')
  expect(lines).toContain('  cannot be told, as the errors say: unseen')
})

const busy = (key: string, needs: readonly string[], over: object = {}) => ({
  ...stage(key, []),
  needs: needs.map(one => ({ stage: one })),
  decision: {
    kind: 'run' as const,
    reason: 'it is not done',
    changes: [{ effect: 'create' as const, target: 'node/m1/x', summary: 'do it' }],
    ...over,
  },
})
const shown = (stages: Parameters<typeof planLines>[0]['stages']) =>
  planLines({ title: 'Apply demo', hash: 'a'.repeat(64), desired_version: 1, stages }, plain)

it('a stage stands after what its run waits for, as far as that has something to do', () => {
  const lines = shown([
    busy('first', []),
    stage('idle', []),
    { ...busy('last', ['first', 'idle']), after: ['elsewhere'] },
  ])
  expect(lines).toContain('  last  after first  last')
})

it.each<[string, Parameters<typeof shown>[0], string]>([
  [
    'through one of them',
    [busy('first', []), { ...stage('between', []), needs: [{ stage: 'first' }] }, busy('last', ['between'])],
    '  last  after between  last',
  ],
  [
    'through two, in whatever order they are listed',
    [
      busy('last', ['far', 'idle']),
      { ...stage('far', []), needs: [{ stage: 'near' }] },
      { ...stage('near', []), needs: [{ stage: 'first' }] },
      busy('first', []),
      stage('idle', []),
    ],
    '  last  after far  last',
  ],
  [
    'through none of them where nothing stands before those',
    [{ ...stage('near', []), needs: [{ stage: 'idle' }] }, stage('idle', []), busy('last', ['near'])],
    '  last  last',
  ],
])('a stage waits for others through those that have nothing to do: %s', (_how, stages, line) => {
  expect(shown(stages)).toContain(line)
})

it('a batch is named by what is in it, wherever it is named', () => {
  const batch = { ...busy('rke2/workers:w1', []), name: 'rke2/workers w1, w2' }
  const idle = { ...stage('rke2/prepare:w1', []), name: 'rke2/prepare w1, w2' }
  const lines = shown([batch, idle, busy('last', ['rke2/workers:w1'])])
  expect(lines).toContain('  rke2/workers:w1  rke2/workers w1, w2')
  expect(lines).toContain('  last  after rke2/workers w1, w2  last')
  expect(lines).toContain('  nothing to do: rke2/prepare w1, w2')
  expect(shown([batch, idle, stage('idle', [])])).toContain('  nothing to do: rke2/prepare w1, w2; idle')
})

it('a machine that the plan does without is named once', () => {
  const left_out = [{ host: 'w4', reason: 'it is off' }]
  const lines = shown([busy('prepare', [], { left_out }), busy('workers', [], { left_out })])
  expect(lines.filter(line => line.includes('w4'))).toEqual([
    '  w4 is left out: unreachable, accepted; the next apply that reaches it catches it up',
  ])
})
