import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { readClusterFile } from '../../src/domain/clusterFile/clusterFile.ts'

const folder = resolve(import.meta.dirname, '../../examples')

it.each(globSync('*/cluster.yaml', { cwd: folder }))('examples/%s is a valid cluster file', name => {
  const reading = readClusterFile(readFileSync(resolve(folder, name)), name)
  expect(reading.ok ? reading.warnings : reading.findings).toEqual([])
})
