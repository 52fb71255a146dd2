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
