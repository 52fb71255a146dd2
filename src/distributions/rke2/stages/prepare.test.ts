import { expect, it } from 'vitest'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { prepare } from './prepare.ts'

const { session } = stageBench({})
const timeout = (agents: number) => prepare(argumentsOfStage('rke2/prepare', 1, agents), session).timeout

it('has half an hour for every fifty hosts that are brought the release at once', () => {
  expect([timeout(2), timeout(49), timeout(50), timeout(499)].map(time => time / 60_000)).toEqual([30, 30, 60, 300])
})

it.each([true, false])('tells of a token file that holds another token: %s', async token_differs => {
  const stage = argumentsOfStage('rke2/prepare', 1, 0, { artifact_path: '/nowhere' })
  const bench = stageBench({ secrets: { token_differs } })
  const bound = prepare(stage, bench.session)
  const found = bound.checkPrerequisites(await bound.observe(bench.attempt))
  const told = found.filter(({ name }) => name === 'token-differs')
  expect(told.map(({ severity }) => severity)).toEqual(token_differs ? ['error'] : [])
})
