import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { isAlive, keyOf } from './outliving.ts'

it('a program is another one when its command, an option or its configuration is', () => {
  expect(keyOf('etcd', '--a=1')).toBe(keyOf('etcd', '--a=1'))
  expect(keyOf('etcd', '--a=1')).not.toBe(keyOf('etcd', '--a=2'))
  expect(keyOf('etcd', '--a', '1')).not.toBe(keyOf('etcd', '--a1'))
})

it('a process is told by when it began, so that another one of its pid is not taken for it', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  expect(isAlive({ pid, began: '1' })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isAlive({ pid, began: '1' })).toBe(false)
})
