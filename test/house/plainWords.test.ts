import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

/** What the product says, and what is written about it, keeps to the words that its users have. */

const root = resolve(import.meta.dirname, '../..')
const files = await Promise.all(
  ['src', 'ansible', 'python', 'docs'].map(async folder =>
    (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
      .filter(
        entry =>
          entry.isFile() && /\.(ts|py|sh|yml|j2|md|json)$/.test(entry.name) && !/\.(test|fixture)\./.test(entry.name),
      )
      .map(entry => join(entry.parentPath, entry.name)),
  ),
)
const texts = await Promise.all(
  ['README.md', 'CONTRIBUTING.md']
    .map(name => join(root, name))
    .concat(...files)
    .map(async path => ({
      path,
      text: await readFile(path, 'utf8'),
    })),
)

/** `FILE:LINE: TEXT` of all lines that a pattern is found in. */
const linesWith = (pattern: RegExp, of: readonly { path: string; text: string }[] = texts): string[] =>
  of.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )

/** Old or bookish words for what everybody calls otherwise. */
const unwanted =
  /\b(mend(s|ed|ing)?|amend(s|ed|ing)?|rectif(y|ies|ied)|remediat(e|es|ed|ion)|utili[sz](e|es|ed|ing))\b/i
/** A remedy that says no more than that something is wrong: the right form can be shown instead. */
const empty =
  /['"`](Please )?(correct|fix|change|check|repair) (it|this|that|the (value|field|setting|line|entry|file|problem))\.?['"`]/i

it.each([
  ['fix, not mend', unwanted],
  ['what the right value is, not that it is to be corrected', empty],
])('it says %s', (_what, pattern) => {
  expect(texts.length).toBeGreaterThan(300)
  expect(linesWith(pattern)).toEqual([])
})

it.each([
  ["remedy: 'Mend the file.'", unwanted],
  ['was amended', unwanted],
  ["remedy: 'Correct the value.'", empty],
  ['remedy: "Fix it"', empty],
  ['`Please check the field.`', empty],
])('%s would be noticed', (line, pattern) => {
  expect(linesWith(pattern, [{ path: 'x.ts', text: `one\n  ${line}\n` }])).toEqual([`x.ts:2: ${line}`])
})

it.each(["'Write it like 10.0.0.0/8.'", "'Put quotes around the key, or correct it.'", 'recommended, commend'])(
  '%s would not',
  line => {
    for (const pattern of [unwanted, empty]) expect(linesWith(pattern, [{ path: 'x.ts', text: line }])).toEqual([])
  },
)

/** Paths, ports, services and variables of one distribution. */
const ofDistribution = /rancher|rke2-(server|agent)|\b9345\b|rke2_|RKE2_/
const neutralRooms = [
  'domain',
  'contract',
  'engine',
  'store',
  'processes',
  'secrets',
  'hosts',
  'ansible',
  'kubernetes',
  'clusters',
]

it('what only a distribution knows stands in its own room', () => {
  const neutral = texts.filter(({ path }) => neutralRooms.some(room => path.startsWith(join(root, 'src', room))))
  expect(neutral.length).toBeGreaterThan(150)
  expect(linesWith(ofDistribution, neutral)).toEqual([])
  expect(linesWith(ofDistribution, [{ path: 'x.ts', text: "join(root, '/var/lib/rancher/rke2')" }])).toHaveLength(1)
})
