import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { belongingOf, isAlive, processOf, requireOwn } from './owner.ts'

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

test('a lab is its process’s own, or that of the checkout which made it for no process', () => {
  const self = belongingOf({})
  const checkout = belongingOf({ ownerPid: null })
  const init = belongingOf({ ownerPid: 1 })
  const elsewhere = { ...checkout, checkout: '/somewhere/else' }
  for (const own of [self, checkout]) expect(() => requireOwn({ name: 'a', ...own }, own)).not.toThrow()
  for (const [lab, by] of [
    [self, init],
    [self, checkout],
    [checkout, self],
    [elsewhere, checkout],
  ] as const)
    expect(() => requireOwn({ name: 'a', ...lab }, by)).toThrow('lab a is there already, and belongs to')
  expect(() => belongingOf({ ownerPid: 2 ** 22 + 1 })).toThrow('there is no process')
})
