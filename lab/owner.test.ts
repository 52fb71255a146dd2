import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isAlive, processOf } from './owner.ts'

test('a process is alive until it ends, and not when its pid is another one by now', async () => {
  const child = spawn('sleep', ['1000'])
  const owner = processOf(child.pid ?? 0)
  if (!owner) throw new Error('no process')
  expect(isAlive(owner)).toBe(true)
  expect(isAlive({ ...owner, started: `${Number(owner.started) - 1}` })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isAlive(owner)).toBe(false)
  expect(processOf(owner.pid)).toBe(null)
})
