import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { NodeSpec } from '../../src/domain/cluster.ts'
import type { SlipwayError } from '../../src/domain/errors.ts'
import type { PlaybookEvent } from '../../src/ansible/events.ts'
import type { Inventory } from '../../src/ansible/inventory.ts'
import { type Play, playHosts } from '../../src/ansible/playbook.ts'
import { freePort } from '../freePort.ts'
import { processesMarked } from '../processes.ts'
import { until } from '../until.ts'
import { startTrustedSshd, type TestSshd } from './sshd.ts'
import { runPlaybook } from './runPlaybook.ts'
import { renderForStage, renderForScaleAdd } from '../../src/distributions/rke2/inventory.fixture.ts'

/** Other checkouts may run these tests at the same time. */
const attempt = `ansible-play-${process.pid}`
let sshd: TestSshd
let log = ''
let events: PlaybookEvent[] = []

beforeAll(async () => {
  sshd = await startTrustedSshd()
})
afterAll(() => sshd[Symbol.asyncDispose]())
beforeEach(() => {
  log = ''
  events = []
})

const node = (hostname: string, role: NodeSpec['role'] = 'worker', port = sshd.port): NodeSpec => ({
  hostname,
  internal_ip: '127.0.0.1',
  role,
  ssh: { user: sshd.user, port },
})
const workers = (...names: string[]): Inventory => renderForStage({ nodes: names.map(name => node(name)) }, 'all')

/** A new folder, and the names of the files in it. */
function traces(): { readonly folder: string; names(): string[] } {
  const folder = join(sshd.directory, `traces-${Math.random().toString(36).slice(2)}`)
  mkdirSync(folder)
  return { folder, names: () => readdirSync(folder).toSorted() }
}

const play = (playbook: string, inventory: Inventory, more: Partial<Play> = {}): Play => ({
  playbook: resolve(import.meta.dirname, 'playbooks', playbook),
  inventory,
  python: `/usr/bin/env SLIPWAY_FENCE=1.7@one/demo /usr/bin/python3`,
  sshConfig: sshd.sshConfig,
  directory: sshd.directory,
  environment: { SLIPWAY_ATTEMPT: attempt },
  signal: new AbortController().signal,
  log: text => {
    log += text
  },
  onEvent: event => events.push(event),
  ...more,
})

const leftFiles = (): string[] => readdirSync(sshd.directory).filter(name => name.startsWith('play-'))

test('a play acts on its targets over SSH, tells every step, and leaves no file behind', async () => {
  const trace = traces()
  const result = await runPlaybook(
    play('touch.yml', workers('w1', 'w10'), { variables: { common: { traces: trace.folder } } }),
  )
  expect(trace.names()).toEqual(['w1', 'w10'])
  expect(result.hosts.map(host => [host.host, host.outcome])).toEqual([
    ['w1', 'changed'],
    ['w10', 'changed'],
  ])
  expect(events[0]).toMatchObject({ event: 'inventory', hosts: 2 })
  expect(log).not.toMatch(/warn/i)
  expect(events[1]).toMatchObject({ event: 'play', hosts: ['w1', 'w10'] })
  const ofW1 = events.filter(event => event.event === 'task' && event.host === 'w1')
  expect(ofW1).toMatchObject([{ outcome: 'start' }, { outcome: 'changed', task: 'Leave a trace' }])
  expect(log).toMatch(/PLAY RECAP/)
  expect(leftFiles()).toEqual([])
})

test('a play does nothing before it is allowed to, and ends with the reason when it never is', async () => {
  const trace = traces()
  const variables = { common: { traces: trace.folder } }
  const refused = Promise.reject(new Error('called off'))
  await expect(runPlaybook(play('touch.yml', workers('w1'), { variables, allowed: refused }))).rejects.toThrow(
    'called off',
  )
  expect(processesMarked(`SLIPWAY_ATTEMPT=${attempt}\0`)).toEqual([])
  const gate = Promise.withResolvers<void>()
  const running = runPlaybook(play('touch.yml', workers('w1'), { variables, allowed: gate.promise }))
  await until('Ansible is loaded', () => processesMarked(`SLIPWAY_ATTEMPT=${attempt}\0`, 'run.py').length > 0)
  expect(events).toEqual([])
  gate.resolve()
  await running
  expect(trace.names()).toEqual(['w1'])
})

test('hosts that Ansible would read otherwise than meant stop the play before any task', async () => {
  const trace = traces()
  const good = workers('w1')
  const variables = { common: { traces: trace.folder } }
  const ghost = { ...good, groups: { ...good.groups, workers: ['w1', 'w2'] } }
  await expect(runPlaybook(play('touch.yml', ghost, { variables }))).rejects.toMatchObject({
    code: 'inventory-mismatch',
    message: expect.stringContaining('w2 was not meant'),
  })
  const range = good.hosts.map(host => ({ ...host, name: 'w[1:3]' }))
  const expanded = { ...good, hosts: range, groups: { ...good.groups, workers: ['w[1:3]'] }, targets: ['w[1:3]'] }
  await expect(runPlaybook(play('touch.yml', expanded, { variables }))).rejects.toMatchObject({
    code: 'inventory-mismatch',
    message: expect.stringMatching(/w\[1:3\] is missing.*w1 was not meant/s),
  })
  expect(trace.names()).toEqual([])
})

test('a playbook that would also act on other hosts than the targets is stopped before any task', async () => {
  const trace = traces()
  const inventory = renderForScaleAdd({ nodes: [node('m1', 'initial_master')] }, [node('w1')])
  const variables = { common: { traces: trace.folder } }
  await expect(runPlaybook(play('touch_all.yml', inventory, { variables }))).rejects.toMatchObject({
    code: 'inventory-mismatch',
    message: expect.stringContaining('would also act on m1'),
  })
  expect(trace.names()).toEqual([])
})

test('a play whose hosts match nothing is a failure, though Ansible ends with 0', async () => {
  const error = runPlaybook(play('touch_masters.yml', workers('w1')))
  await expect(error).rejects.toMatchObject({
    code: 'playbook-failed',
    message: 'w1: the play ended without a result for this host',
  })
})

test('a rescued failure is a failure', async () => {
  const { hosts } = await playHosts(play('rescued.yml', workers('w1', 'w2')))
  expect(hosts.map(host => [host.host, host.outcome, host.error?.message ?? null])).toEqual([
    ['w1', 'ok', null],
    ['w2', 'failed', 'w2: Break on w2: it broke'],
  ])
})

test('of a loop it is told what the item failed of; one that was made good may be none', async () => {
  const messageOf = async (playbook: string, more: Partial<Play>) =>
    (await playHosts(play(playbook, workers('w2'), more))).hosts.map(({ error }) => error?.message ?? null)
  expect(await messageOf('loop.yml', {})).toEqual(['w2: Break in a loop: two broke'])
  expect(await messageOf('rescued.yml', { rescued: 'ok' })).toEqual([null])
})

test('an unreachable host is named with what is known of it, and does not keep the others from their end', async () => {
  const trace = traces()
  const nodes = [node('w1'), node('w2', 'worker', await freePort())]
  const inventory = renderForStage({ nodes }, 'workers')
  const one = play('touch.yml', inventory, { variables: { common: { traces: trace.folder } } })
  const { hosts } = await playHosts(one)
  expect(hosts.map(host => [host.outcome, host.error?.code ?? null])).toEqual([
    ['changed', null],
    ['unreachable', 'host-unreachable'],
  ])
  // Ansible loses ssh's words where ssh has ended before it was written to; whoever raised the fence has them then.
  expect(hosts[1]?.error?.message).toMatch(/Connection refused|could not be sent to remote host/)
  await expect(runPlaybook(one)).rejects.toMatchObject({ code: 'host-unreachable', facts: { host: 'w2' } })
  expect(trace.names()).toEqual(['w1'])
})

test('a changed host key and a refused login are told apart from an unreachable host', async () => {
  const trusted = readFileSync(sshd.sshConfig, 'utf8')
  const otherKey = join(sshd.directory, 'other_known_hosts')
  const known = readFileSync(join(sshd.directory, 'known_hosts'), 'utf8').split(' ')[0]
  writeFileSync(otherKey, `${known} ${readFileSync(join(sshd.keys, 'login.pub'), 'utf8')}`)
  const changed = join(sshd.directory, 'changed_config')
  writeFileSync(changed, trusted.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${otherKey}`))
  const refused = join(sshd.directory, 'refused_config')
  writeFileSync(refused, trusted.replace(/IdentityFile .*/, `IdentityFile ${join(sshd.keys, 'host')}`))
  for (const [sshConfig, code] of [
    [changed, 'host-key-changed'],
    [refused, 'authentication-failed'],
  ] as const)
    await expect(runPlaybook(play('long.yml', workers('w1'), { sshConfig }))).rejects.toSatisfy(
      // As above: Ansible may lose ssh's words.
      (error: SlipwayError) => error.code === code || /could not be sent to remote host/.test(error.message),
    )
})

test('a host that refuses the fence fails with fence-refused, and its modules see the fence', async () => {
  const trace = traces()
  const wrapper = join(sshd.directory, 'python')
  writeFileSync(
    wrapper,
    `#!/bin/sh
[ "$SLIPWAY_FENCE" = 1.8@one/demo ] && exec /usr/bin/python3 "$@"
echo '{"failed": true, "msg": "this host has the fence 1.8", "slipway_fence": "1.8"}'
exit 1
`,
    { mode: 0o755 },
  )
  const run = (fence: string) =>
    runPlaybook(
      play('touch.yml', workers('w1'), {
        python: `/usr/bin/env SLIPWAY_FENCE=${fence} ${wrapper}`,
        variables: { common: { traces: trace.folder } },
      }),
    )
  await expect(run('1.7@one/demo')).rejects.toMatchObject({
    code: 'fence-refused',
    message: expect.stringContaining('this host has the fence 1.8'),
  })
  expect(trace.names()).toEqual([])
  await run('1.8@one/demo')
  expect(trace.names()).toEqual(['w1'])
})

test('a cancelled play ends at once with the signal’s reason and leaves no process and no file', async () => {
  const stop = new AbortController()
  const reason = new Error('cancelled by the test')
  const started = performance.now()
  const running = runPlaybook(
    play('long.yml', workers('w1'), {
      signal: stop.signal,
      onEvent: event => {
        if (event.event === 'task' && event.outcome === 'start') stop.abort(reason)
      },
    }),
  )
  await expect(running).rejects.toBe(reason)
  expect(performance.now() - started).toBeLessThan(8000)
  expect(processesMarked(`SLIPWAY_ATTEMPT=${attempt}\0`)).toEqual([])
  expect(leftFiles()).toEqual([])
})

test('settings of the user do not reach a play', async () => {
  const trace = traces()
  const before = { ...process.env }
  Object.assign(process.env, {
    ANSIBLE_STDOUT_CALLBACK: 'minimal',
    ANSIBLE_CHECK_MODE_MARKERS: '1',
    ANSIBLE_NOCOLOR: '',
  })
  try {
    await runPlaybook(play('touch.yml', workers('w1'), { variables: { common: { traces: trace.folder } } }))
  } finally {
    process.env = before
  }
  expect(log).toContain('PLAY RECAP')
})

test('a playbook that cannot be read fails with what Ansible says about it', async () => {
  const broken = join(sshd.directory, 'broken.yml')
  writeFileSync(broken, '- hosts: all\n  gather_facts: false\n  tasks: [{nonsense_module: }]\n')
  await expect(runPlaybook(play(broken, workers('w1')))).rejects.toMatchObject({
    code: 'playbook-failed',
    message: expect.stringContaining('nonsense_module'),
  })
})
