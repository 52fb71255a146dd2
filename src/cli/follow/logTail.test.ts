import { expect, it } from 'vitest'
import { saysAgain } from './logTail.ts'

const fatal = (msg: string, more = '') =>
  `fatal: [s2]: FAILED! => {"changed": false, "msg": ${JSON.stringify(msg)}${more}}`
const full = 'no space left on /usr/local (3 MiB free): the release needs "900 MiB"'

it.each([
  ['the whole message', fatal(full), `s2: Install the files: ${full}`],
  ['a long one that is cut there', fatal('x'.repeat(2000)), `s2: ${'x'.repeat(800)} …`],
  ['one of several', fatal(full, ', "stderr": "tar: 3"'), `2 of 3 hosts failed; first s1: other\n${full}`],
  [
    'of an item of a loop',
    `failed: [s2] (item=/etc) => {"ansible_loop_var": "item", "msg": ${JSON.stringify(full)}}`,
    `s2: ${full}`,
  ],
])('what Ansible writes of a failed task is not shown where the error says it: %s', (_what, line, told) => {
  expect(saysAgain(line, told)).toBe(true)
})

it.each([
  ['another message', fatal('the mirror is gone'), full],
  ['no message', 'fatal: [s2]: FAILED! => {"changed": false, "rc": 3}', full],
  ['an empty one', fatal(''), full],
  ['another line', `TASK [Install] ${full}`, full],
  ['what is no JSON', String.raw`fatal: [s2]: FAILED! => {"msg": "\d no space left"}`, 'no space left'],
  ['a message that is cut off in the log', 'fatal: [s2]: FAILED! => {"msg": "no space', full],
])('everything else is: %s', (_what, line, told) => {
  expect(saysAgain(line, told)).toBe(false)
})
