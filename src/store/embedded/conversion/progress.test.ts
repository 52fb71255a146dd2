import { expect, it } from 'vitest'
import { progress } from './progress.ts'

it('tells now and then how far it has come', () => {
  const told: string[] = []
  const report = (message: string): void => void told.push(message)
  const rarely = progress(report, 60_000)
  rarely(7_000_000)
  expect(told).toEqual([])
  const always = progress(report, 0)
  for (const bytes of [1_000_000, 2_000_000, 200_000]) always(bytes)
  expect(told).toEqual([0, 2, 3].map(all => `the database is still being converted (0 s, ${all} MB of rows so far)`))
})
