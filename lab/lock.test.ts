import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { isLocked, withLock } from './lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'lab-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('only one of many works at a time, an error frees the lock, and no file is left', async () => {
  const file = join(folder, 'turns')
  let inside = 0
  const turn = (): Promise<void> =>
    withLock(file, async () => {
      expect(++inside).toBe(1)
      await new Promise(resolve => setTimeout(resolve, 5))
      inside -= 1
    })
  await Promise.all(Array.from({ length: 12 }, turn))
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await turn()
  expect(existsSync(file)).toBe(false)
})

test('the lock is seen by others while it is held, and free when its holder is killed', async () => {
  const file = join(folder, 'killed')
  const script = `import { withLock } from '${import.meta.dirname}/lock.ts'
    await withLock('${file}', () => { console.log('held'); return new Promise(() => setInterval(() => 0, 1000)) })`
  const holder = execa(process.execPath, ['--input-type=module', '--eval', script], { reject: false })
  await new Promise(resolve => holder.stdout.once('data', resolve))
  expect(await isLocked(file)).toBe(true)
  holder.kill('SIGKILL')
  await withLock(file, async () => expect(await isLocked(file)).toBe(true))
})
