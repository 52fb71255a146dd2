import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { run } from './harness.ts'

// The first command of the README, as it runs without a terminal.

const root = resolve(import.meta.dirname, '../..')

it('make demo takes five hosts to a cluster whose API reports them ready, and leaves nothing', async () => {
  const { code, stdout, stderr } = await run('make', ['-C', root, 'demo'], { ...process.env, CI: 'true' })
  expect(stdout + stderr).toContain('all 5 nodes are ready')
  expect(code).toBe(0)
  for (const name of ['m1', 'm2', 'm3', 'w1', 'w2']) expect(stdout).toMatch(new RegExp(`^${name} +Ready `, 'm'))
  const labs = JSON.parse((await run(join(root, 'lab/lab'), ['list', '-o', 'json'])).stdout)
  expect(labs).not.toContainEqual(expect.objectContaining({ name: 'demo' }))
})
