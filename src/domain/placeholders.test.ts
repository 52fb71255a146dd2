import { describe, expect, it } from 'vitest'
import { catalogue, SlipwayError } from './errors.ts'
import { shellWord, withClusterFile, withFileName, withKnownNames, withoutRun, withRun } from './placeholders.ts'

describe('a remedy of the catalogue', () => {
  it.each([
    ['host-unreachable', { host: 'h4' }, '--accept unreachable:h4.'],
    ['host-key-changed', { host: 'h4' }, '--accept host-key-changed:h4`.'],
    ['lease-held', { run: 'bcdf2345gh' }, '`slipway logs -f bcdf2345gh`'],
    ['run-state', { cluster: 'demo' }, '`slipway runs demo`'],
    ['approval-needed', { hash: 'a'.repeat(64) }, '--approve aaaaaaaaaaaa`'],
  ] as const)('of %s names what is known', (code, facts, said) => {
    expect(new SlipwayError(code, 'm', { facts }).remedy).toContain(said)
  })

  it.each([
    ['nothing is known', {}],
    ['what is known is no name', { host: 'jump host 10.0.0.5' }],
    ['it is nothing to type', { host: null }],
  ])('stays general where %s', (_why, facts) => {
    expect(withKnownNames(catalogue['host-unreachable'].remedy, facts)).toBe(catalogue['host-unreachable'].remedy)
  })

  it('leaves a remedy that was given as it is', () => {
    expect(new SlipwayError('usage', 'm', { facts: { host: 'h4' }, remedy: 'Say HOST.' }).remedy).toBe('Say HOST.')
  })
})

it('every remedy of the catalogue that is about a run can be told of this run, or where there was none', () => {
  const remedies = Object.values(catalogue).flatMap(({ remedy }) =>
    remedy.includes('`slipway resume`') ? [remedy] : [],
  )
  expect(remedies.length).toBeGreaterThan(5)
  for (const remedy of remedies) {
    expect(withRun(remedy, 'bcdf2345gh')).toContain('`slipway resume bcdf2345gh`')
    expect(withoutRun(remedy, 'discover again')).not.toMatch(/slipway resume|a run that failed/)
  }
  expect(withoutRun(catalogue['host-unreachable'].remedy, 'discover again')).toMatch(
    /^Check the address, the network and sshd on the host; then discover again\. A machine/,
  )
})

it.each([
  ['slipway apply -f FILE --accept x', 'c.yaml', 'slipway apply -f c.yaml --accept x'],
  [
    '`slipway plan -f FILE` and `slipway apply -f FILE`',
    'a b.yaml',
    "`slipway plan -f 'a b.yaml'` and `slipway apply -f 'a b.yaml'`",
  ],
  ['ssh-add FILE', 'c.yaml', 'ssh-add FILE'],
])('a cluster file takes its place in %j', (remedy, file, said) => {
  expect(withClusterFile(remedy, file)).toBe(said)
})

it.each([
  ['chmod 600 FILE.', './key', 'chmod 600 ./key.'],
  ['`ssh-keygen -y -f FILE`', './key', '`ssh-keygen -y -f ./key`'],
  ['puttygen KEY.ppk -O private-openssh -o KEY.', './a.ppk', 'puttygen ./a.ppk -O private-openssh -o ./a.'],
  ['puttygen KEY.ppk -O private-openssh -o KEY.', './a', 'puttygen ./a -O private-openssh -o ./a.openssh.'],
])('a file that was named takes its place in %j', (remedy, file, said) => {
  expect(withFileName(remedy, file)).toBe(said)
})

it.each([
  ['a.yaml', 'a.yaml'],
  ['$&', "'$&'"],
  ["it's", String.raw`'it'\''s'`],
])('a shell takes %s as one word', (word, said) => {
  expect(shellWord(word)).toBe(said)
})
