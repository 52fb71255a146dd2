import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLines } from '../processes.ts'
import { playSecrets } from './secretsPlay.ts'
import { startTrustedSshd, type TestSshd } from './sshd.ts'

const canary = 'canary-5f1d{{ 1 }}"-secret'
/** The canary as logs might spell it. */
const spellings = [
  canary,
  JSON.stringify(canary).slice(1, -1),
  'canary-5f1d',
  Buffer.from('canary-5f1d').toString('base64').slice(0, 12),
]
let sshd: TestSshd

beforeAll(async () => {
  sshd = await startTrustedSshd()
})
afterAll(() => sshd[Symbol.asyncDispose]())

test.each([true, false])('a secret is in no log, event, command line or left file; task hidden: %s', async hidden => {
  const folder = join(sshd.directory, `out-${hidden}`)
  mkdirSync(folder)
  const nodes = ['w1', 'w2'].map(hostname => ({
    hostname,
    internal_ip: '127.0.0.1',
    role: 'worker' as const,
    ssh: { user: sshd.user, port: sshd.port, sudo: true },
  }))
  let log = ''
  const events: string[] = []
  let lines = ''
  const modes = new Set<number>()
  const sample = setInterval(() => {
    lines += commandLines().join('\n')
    for (const play of readdirSync(sshd.directory).filter(name => name.startsWith('play-')))
      for (const name of [play, `${play}/inventory.yml`, `${play}/expected.json`])
        modes.add(statSync(join(sshd.directory, name), { throwIfNoEntry: false })?.mode ?? 0)
  }, 20)
  try {
    const played = await playSecrets(sshd, nodes, {
      variables: { common: { secret: canary, folder, hidden, ansible_become_password: canary } },
      onEvent: event => events.push(JSON.stringify(event)),
    })
    log = played.log
    // The module's own message passes, also where the task's output is hidden: it never holds content.
    for (const { host, error } of played.hosts)
      expect(error?.message).toBe(
        `${host}: Fail to write a secret: /proc/none/${host} cannot be written: No such file or directory`,
      )
  } finally {
    clearInterval(sample)
  }
  expect(readFileSync(join(folder, 'w1'), 'utf8')).toBe(`${canary}\n`)
  expect(statSync(join(folder, 'w1')).mode & 0o777).toBe(0o600)
  expect(log).toContain('Write a secret that is hidden by the module alone')
  expect(lines).toContain('run.py')
  for (const spelling of spellings)
    for (const [where, text] of Object.entries({ log, events: events.join('\n'), lines }))
      expect(text.includes(spelling), `${spelling} in ${where}`).toBe(false)
  expect([...modes].filter(mode => mode !== 0 && (mode & 0o077) !== 0)).toEqual([])
  expect(readdirSync(sshd.directory).filter(name => name.startsWith('play-'))).toEqual([])
  const left = spawnSync(
    'grep',
    ['-rlF', '--exclude-dir=out-*', 'canary-5f1d', sshd.directory, '/root/.ansible', '/var/tmp'],
    {
      encoding: 'utf8',
    },
  )
  expect(left.stdout).toBe('')
})
