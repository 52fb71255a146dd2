import { expect, it } from 'vitest'
import { mergeNodes } from './threeWay.ts'

const nodes = (names: string) =>
  names
    .split(' ')
    .filter(Boolean)
    .map(hostname => ({ hostname }))

/** What becomes of a file, of the file before it, and of what is desired now, each as names with blanks between them. */
function merged(file: string, lastApplied: string | null, desired: string, leaving = '') {
  const found = mergeNodes({
    file: nodes(file),
    lastApplied: lastApplied === null ? null : new Set(lastApplied.split(' ')),
    desired: nodes(desired),
    leaving: leaving.split(' '),
  })
  return {
    nodes: found.nodes.map(({ hostname }) => hostname).join(' '),
    kept: found.kept.join(' '),
    comingBack: found.comingBack.join(' '),
  }
}

it.each([
  ['nothing has happened in between', 'm1 w1', 'm1 w1', 'm1 w1', 'm1 w1'],
  ['a node that the file brings', 'm1 w1 w2', 'm1 w1', 'm1 w1', 'm1 w1 w2'],
  ['a node that its writer has dropped', 'm1', 'm1 w1', 'm1 w1', 'm1'],
  ['a node that was removed, and dropped from the file as well', 'm1', 'm1 w1', 'm1', 'm1'],
  ['a node that was added, and written into the file as well', 'm1 w1 w4', 'm1 w1', 'm1 w1 w4', 'm1 w1 w4'],
  ['no file before this one is known: all that is desired counts as seen', 'm1', null, 'm1 w1', 'm1'],
])('the file holds: %s', (_what, file, lastApplied, desired, wanted) => {
  expect(merged(file, lastApplied, desired)).toEqual({ nodes: wanted, kept: '', comingBack: '' })
})

it('nodes that were added since the file was applied last stay, behind those of the file', () => {
  expect(merged('m1 w1', 'm1 w1', 'm1 w1 w4 w5')).toEqual({ nodes: 'm1 w1 w4 w5', kept: 'w4 w5', comingBack: '' })
  expect(merged('m1 w2', 'm1 w1', 'm1 w1 w4')).toEqual({ nodes: 'm1 w2 w4', kept: 'w4', comingBack: '' })
  // Those of a second writer, whose file is older than that of the first.
  expect(merged('m1 w1', 'm1 w1 w2', 'm1 w1 w2 w4')).toEqual({ nodes: 'm1 w1 w4', kept: 'w4', comingBack: '' })
})

it('one that was added leaves where it is named', () => {
  expect(merged('m1 w1', 'm1 w1', 'm1 w1 w4 w5', 'w4')).toEqual({ nodes: 'm1 w1 w5', kept: 'w5', comingBack: '' })
})

it('w1 is not w10', () => {
  expect(merged('m1 w10', 'm1 w10', 'm1 w10 w1')).toMatchObject({ kept: 'w1' })
})

it('a node that was removed since then, and that the file goes on to name, comes back', () => {
  expect(merged('m1 w1 w3', 'm1 w1 w3', 'm1 w1')).toEqual({ nodes: 'm1 w1 w3', kept: '', comingBack: 'w3' })
  // A file that did not know it before wants it on purpose.
  expect(merged('m1 w1 w3', 'm1 w1', 'm1 w1')).toMatchObject({ comingBack: '' })
})
