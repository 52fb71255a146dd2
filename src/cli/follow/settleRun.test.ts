import { afterEach, expect, it, vi } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { showRunError } from './settleRun.ts'

// Our own colours are not at issue.
vi.stubEnv('NO_COLOR', '1')
vi.stubEnv('FORCE_COLOR', undefined)
const said: string[] = []
vi.spyOn(process.stderr, 'write').mockImplementation(text => said.push(String(text)) > 0)
afterEach(() => void said.splice(0))

type Shown = Parameters<typeof showRunError>[0]
type Stage = Shown['stages'][number]

const stage = (key: string, title: string, status: Stage['status'], reason: string | null = null): Stage => ({
  kind: key.replace(/:.*/, ''),
  key,
  name: key,
  title,
  status,
  optional: false,
  reason,
  needs: [],
  disabled: null,
  attempts: 1,
  error: null,
  started: null,
  ended: null,
  decision: { kind: 'skip', reason: '' },
})
const off = (host: string) => ({
  name: 'host-unreachable' as const,
  severity: 'error' as const,
  about: `node ${host}`,
  message: `${host} is off`,
  remedy: 'Boot it.',
})
const error = (findings: readonly ReturnType<typeof off>[], of: string, message = 'failed'): Shown['error'] => ({
  code: 'run-failed',
  message,
  remedy: 'Look at it.',
  causes: [],
  findings: [...findings],
  facts: { stage: of },
})
const lines = (run: Omit<Shown, 'id' | 'subject'>): string[] => {
  showRunError({ id: 'r1', subject: { kind: 'cluster', name: 'demo' }, ...run })
  return said.join('').trimEnd().split('\n')
}
const notDone = (run: Omit<Shown, 'id' | 'subject'>) => lines(run).filter(line => line.includes('not done'))

it('the end of a run says what was not done, and what each of it needs', () => {
  const stages = [
    stage('rke2/initial-master', 'm1 as the first server', 'completed'),
    stage('rke2/join:m2', 'm2 as a server', 'failed'),
    stage('rke2/join:m3', 'm3 as a server', 'blocked', 'needs rke2/join:m2'),
    stage('rke2/workers:w1', 'w1, w2 as agents', 'blocked', 'needs rke2/join:m3'),
  ]
  expect(lines({ stages, error: error([off('m2')], 'rke2/join:m2') })).toEqual([
    'error[run-failed] m2 as a server: 1 finding stands in the way',
    '  error node m2: m2 is off',
    '    → Boot it. (host-unreachable)',
    '  ■ not done: m3 as a server (needs rke2/join:m2)',
    '  ■ not done: w1, w2 as agents (needs rke2/join:m3)',
    '  → Fix what is listed, then go on: slipway resume r1',
    '  slipway logs r1   slipway resume r1',
  ])
})

it('it says so also where the engine itself failed, or somebody stopped it', () => {
  const stages = [
    stage('a', 'Do a', 'failed'),
    stage('b', 'Do b', 'blocked', 'the run ended before its turn'),
    stage('c', 'Do c', 'cancelled'),
    stage('d', 'Do d', 'waiting'),
    stage('e', 'Do e', 'skipped', 'done already'),
  ]
  expect(notDone({ stages, error: error([], 'a') })).toEqual([
    '  ■ not done: Do b (the run ended before its turn)',
    '  ■ not done: Do c',
    '  ■ not done: Do d',
  ])
})

it('where nothing was left out it names nothing, and a stage that failed for one host says that host', () => {
  const stages = [
    stage('rke2/workers:w1', 'w1, w2 as agents', 'failed'),
    stage('rke2/finish', 'Finalize m1 and fetch the kubeconfig', 'completed'),
  ]
  expect(notDone({ stages, error: error([off('w1')], 'rke2/workers:w1') })).toEqual([])
  expect(said.join('')).toContain('error[run-failed] w1, w2 as agents: 1 finding stands in the way\n')
})

it('a remedy that speaks of any run speaks of this one', () => {
  const finding = { ...off('w1'), remedy: 'Boot it; then `slipway resume`.' }
  notDone({ stages: [stage('a', 'Do a', 'failed')], error: error([finding], 'a') })
  expect(said.join('')).toContain('→ Boot it; then `slipway resume r1`.')
  said.length = 0
  const general = new SlipwayError('host-unreachable', '').remedy
  notDone({ stages: [stage('a', 'Do a', 'failed')], error: error([{ ...off('w1'), remedy: general }], 'a') })
  expect(said.join('')).toContain('then plan again, or `slipway resume r1`. A machine')
})

it.each<[string, readonly string[], readonly string[]]>([
  ['two', ['w1', 'w60'], []],
  ['three', ['w1', 'w60', 'w120'], []],
  ['two, one after which others wait', ['w1', 'm2'], ['m3']],
])('stages that failed for some of their hosts are all named in the first line: %s', (_count, failed, blocked) => {
  const stages = [
    ...failed.map(host => stage(`s:${host}`, `the batch of ${host}`, 'failed')),
    ...blocked.map(host => stage(`s:${host}`, `${host} as a server`, 'blocked', 'needs s:m2')),
  ]
  const told = lines({ stages, error: error(failed.map(off), `s:${failed[0]}`) })
  const titles = failed.map(host => `the batch of ${host}`).join('; ')
  expect(told[0]).toBe(`error[run-failed] not done for all: ${titles}`)
  expect(told.filter(line => / error node /.test(line))).toEqual(
    failed.map(host => `  error node ${host}: ${host} is off`),
  )
  expect(told.filter(line => line.includes('■'))).toEqual(
    blocked.map(host => `  ■ not done: ${host} as a server (needs s:m2)`),
  )
})
