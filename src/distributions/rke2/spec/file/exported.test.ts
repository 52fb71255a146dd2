import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ClusterFile } from '../../../../domain/cluster.ts'
import { aboutExported, exportedText } from '../../../../domain/clusterFile/exported.ts'
import { everything } from './everything.fixture.ts'
import { dualNodes, readRke2File, written } from './written.fixture.ts'

/** The file that a text describes, and what that is once it was exported and read again. */
function roundTrip(text: string) {
  const reading = readRke2File(new TextEncoder().encode(text), 'c.yaml')
  if (!reading.ok) throw new Error(reading.findings.map(({ about, message }) => `${about} ${message}`).join('\n'))
  // As it comes from the API.
  const file: ClusterFile = JSON.parse(JSON.stringify(reading.file))
  const exported = exportedText(file, aboutExported(file, 3, reading.withFiles(new Map()).keyFiles))
  const again = readRke2File(new TextEncoder().encode(exported), 'exported.yaml')
  return { file: reading.file, exported, again: again.ok ? again.file : again.findings }
}

it.each([
  ['every form there is', everything],
  [
    'addresses of two families, and keys that are added to',
    written(['cluster_vars: { extra: { "tls-san+": [a.example], odd: 0640 } }'], dualNodes),
  ],
  ['secrets in files', written(['token_file: ./token', 'secret_files: { etcd-s3-secret-key: ./s3 }'])],
])('a file that is exported is the same wish: %s', (_what, text) => {
  const { file, again } = roundTrip(text)
  expect(again).toEqual(file)
})

it('says which files have to lie beside it', () => {
  const { exported } = roundTrip(
    written(['token_file: ./token', 'ssh: { key_file: "keys/my id", sudo_password_file: pw }']),
  )
  expect(exported).toMatch(
    /^# Cluster demo as it is desired: version 3, .*no secret\.\n# These files .*\n# {3}"keys\/my id"\n# {3}"pw"\n# {3}"\.\/token"\napiVersion: slipway\/v1\n/,
  )
  expect(roundTrip(written()).exported).toContain('# No file has to lie beside it.\napiVersion')
})

it('values that YAML could take for something else come back as they were', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      'yes',
      '0640',
      '1e3',
      '~',
      'null',
      '0x1f',
      '1_000',
      ': ',
      ' # no comment',
      '*a',
      '!b',
      '&c',
      '"',
      "'",
      '- x',
      '\u00a0',
      '2026-01-01',
      '<<',
      '%',
      '@',
      '`',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  )
  fc.assert(
    fc.property(hostile, fc.integer({ min: 0, max: 40 }), (text, blanks) => {
      const value = `${text}${' '.repeat(blanks)}${text}`
      fc.pre(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) && value.isWellFormed() && !/\{\{|\{%|\{#/.test(value))
      const { file, again } = roundTrip(
        written([`cluster_vars: { extra: { some-new-key: ${JSON.stringify(value)} } }`]),
      )
      expect(again).toEqual(file)
    }),
  )
})
