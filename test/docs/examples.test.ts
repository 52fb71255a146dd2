import { globSync, readFileSync } from 'node:fs'
import { readRke2File } from '../../src/distributions/rke2/spec/file/written.fixture.ts'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const folder = resolve(import.meta.dirname, '../../examples')

it.each(globSync('*/cluster.yaml', { cwd: folder }))('examples/%s is a valid cluster file', name => {
  const reading = readRke2File(readFileSync(resolve(folder, name)), name)
  expect(reading.ok ? reading.warnings : reading.findings).toEqual([])
})
