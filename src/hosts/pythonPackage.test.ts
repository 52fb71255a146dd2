import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pythonFolder } from './pythonArchive.ts'

/** The tests of the package for hosts (python/tests), each counted as one. */

const outcome = z.object({ name: z.string(), error: z.string().nullable() })
const { stdout, stderr, status } = spawnSync('python3', ['-B', '-m', 'tests'], { cwd: pythonFolder, encoding: 'utf8' })
const outcomes = stdout.split('\n').flatMap(line => (line === '' ? [] : [outcome.parse(JSON.parse(line))]))

it('the tests of the package for hosts run to their end', () => {
  expect(outcomes.length, stderr).toBeGreaterThan(20)
  expect(status, stderr).toBe(outcomes.some(({ error }) => error !== null) ? 1 : 0)
})

describe('on a host', () => {
  it.each(outcomes)('$name', ({ error }) => {
    expect(error).toBeNull()
  })
})
