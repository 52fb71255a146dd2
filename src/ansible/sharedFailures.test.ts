import { expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { judgeHost, type PlayedHost, playError } from './failures.ts'

const failedWith = (host: string, code: 'checksum-mismatch' | 'playbook-failed', text: string): PlayedHost => ({
  host,
  outcome: 'failed',
  recap: null,
  error: new SlipwayError(code, `${host}: Install the files of the release: ${text}`),
})
const checksum = `http://mirror/rke2.linux-amd64.tar.gz has the sha256 ${'a'.repeat(64)}, but http://mirror/sha256sum-amd64.txt lists ${'b'.repeat(64)}`
const hosts = (count: number) => Array.from({ length: count }, (_, index) => `w${index + 1}`)

it('what fails in the same way on many hosts is one finding that names them', () => {
  const error = playError(hosts(3).map(host => failedWith(host, 'checksum-mismatch', checksum)))
  expect(error?.code).toBe('checksum-mismatch')
  expect(error?.findings).toEqual([
    {
      name: 'checksum-mismatch',
      severity: 'error',
      about: 'nodes w1, w2, w3',
      message: `Install the files of the release: ${checksum}`,
      remedy: error?.remedy,
    },
  ])
  expect(error?.message).toMatch(/^3 of 3 hosts failed; first w1: Install the files/)
  expect(error?.message.length).toBeLessThan(250)
  expect(error?.cause).toBe(undefined)
})

it('small numbers and the host’s own name make no other reason', () => {
  const full = hosts(12).map((host, index) =>
    failedWith(host, 'playbook-failed', `no space left on /usr/local of ${host} (${index} MiB free)`),
  )
  expect(playError(full)?.findings).toMatchObject([
    {
      about: 'nodes w1, w2, w3, w4, w5, w6, w7, w8, w9, w10 and 2 more',
      message: expect.stringContaining('(0 MiB free)'),
    },
  ])
})

it('other reasons are findings of their own, and long ones are cut', () => {
  const error = playError([
    failedWith('w1', 'checksum-mismatch', checksum),
    failedWith('w2', 'playbook-failed', `Traceback ${'x'.repeat(3000)}`),
    failedWith('w3', 'checksum-mismatch', checksum),
    failedWith('w4', 'checksum-mismatch', checksum.replace('aaaa', 'abab')),
  ])
  expect(error?.code).toBe('playbook-failed')
  expect(error?.findings.map(({ about }) => about)).toEqual(['nodes w1, w3', 'node w2', 'node w4'])
  expect(error?.findings[1]?.message.length).toBeLessThan(820)
})

it('of a module that crashed the last line of its traceback is told, and what is long is cut', () => {
  const recap = { ok: 0, changed: 0, failed: 1, unreachable: 0, skipped: 0, rescued: 0, ignored: 0 }
  const said = (message: string) =>
    judgeHost('w1', recap, { event: 'task', host: 'w1', task: 'Write', outcome: 'failed', message }).error?.message
  const trace =
    'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    main()\nKeyError: \'arch\'\n'
  expect(said(`MODULE FAILURE\n${trace}`)).toBe(
    "w1: Write: the module crashed: KeyError: 'arch' (the log has the whole traceback)",
  )
  expect(said('x'.repeat(5000))?.length).toBeLessThan(1100)
})
