import { expect, it } from 'vitest'
import type { RunModel, StageModel } from './runModel.ts'
import { runScreen } from './runScreen.ts'

const stage = (title: string, status: StageModel['status'], more: Partial<StageModel> = {}): StageModel => ({
  key: title,
  title,
  status,
  started: 0,
  ended: status === 'running' ? null : 2000,
  attempt: 1,
  said: new Map(),
  message: '',
  ...more,
})
const run = (stages: readonly StageModel[], lines: readonly string[] = []): RunModel => ({
  id: 'r1',
  title: 'Apply demo',
  stages,
  began: 0,
  event: () => {},
  log: () => {},
  tail: count => lines.slice(-count),
})
const plain = { now: 5000, paint: (_: string, text: string) => text, over: false }

it('shows stages with their times, what hosts said last, and the tail of the log', () => {
  const stages = [
    stage('Prepare', 'completed'),
    stage('Join m2', 'running', {
      said: new Map([
        ['m2', 'joins'],
        ['m3', 'm3: joined'],
      ]),
    }),
    stage('Finish', 'waiting', { started: null }),
  ]
  expect(runScreen(run(stages, ['TASK [one] ***', 'two']), { ...plain, columns: 80, rows: 24 })).toEqual([
    'Apply demo  run r1  5.0 s',
    '  ✔ Prepare  2.0 s',
    '  ⠋ Join m2  5.0 s',
    '      m2: joins',
    '      m3: joined',
    '  · Finish',
    '─'.repeat(60),
    '  TASK [one]',
    '  two',
  ])
})

it.each([
  [40, 15],
  [80, 24],
  [20, 6],
])('fits %i columns and %i rows, however much there is, and keeps what runs and what failed', (columns, rows) => {
  const done = Array.from({ length: 50 }, (_, index) => stage(`Join m${index} as a server`, 'completed'))
  const stages = [...done, stage('Run on', 'running'), stage('Broken', 'failed', { message: 'x'.repeat(200) })]
  const lines = runScreen(run(stages, ['y'.repeat(200)]), { ...plain, columns, rows })
  expect(lines.length).toBeLessThan(rows)
  expect(lines.every(line => line.length < columns)).toBe(true)
  expect(lines.join('\n')).toContain('Run on')
  expect(lines.join('\n')).toContain('✖ Broken')
  expect(lines.join('\n')).toMatch(/… \d+ more lines/)
})

it('says that it looks at what comes next while no stage runs', () => {
  const stages = [stage('Prepare', 'completed'), stage('Join m2', 'waiting', { started: null })]
  const lines = runScreen(run(stages), { ...plain, columns: 80, rows: 24 })
  expect(lines.at(-1)).toBe('  ⠋ looks at what comes next')
  expect(runScreen(run(stages), { ...plain, over: true, columns: 80, rows: 24 })).toHaveLength(3)
})

it('when all is over shows every stage and no log', () => {
  const stages = Array.from({ length: 50 }, (_, index) => stage(`Join m${index}`, 'completed'))
  const lines = runScreen(run(stages, ['log']), { ...plain, over: true, columns: 80, rows: 24 })
  expect(lines).toHaveLength(51)
  expect(lines).not.toContain('  log')
})
