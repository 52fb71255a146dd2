import { expect, it } from 'vitest'
import { withProgress } from './withProgress.ts'

it('tells now and then how far it has come, and passes on every piece', async () => {
  const pieces = [Buffer.alloc(1024 * 1024), Buffer.alloc(1024 * 1024), Buffer.from('end')]
  const told: string[] = []
  const passed: Uint8Array[] = []
  const through = async (interval: number) => {
    for await (const piece of withProgress(ReadableStream.from(pieces), message => told.push(message), interval))
      passed.push(piece)
  }
  await through(60_000)
  expect(told).toEqual([])
  await through(0)
  expect(told.at(-1)).toBe('the database is still being converted (0 s, 2 MB compressed)')
  expect(passed).toEqual([...pieces, ...pieces])
})
