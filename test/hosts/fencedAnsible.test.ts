import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HostAccess } from '../../src/hosts/access.ts'
import { raiseFence } from '../../src/hosts/fence.ts'
import { type FenceMark, fencedPython, renderMark } from '../../src/hosts/fenceMark.ts'
import { childrenWith, endChildren } from '../../src/processes/endChildren.ts'
import { attemptVariable, markerEnvironment } from '../../src/processes/environment.ts'
import { runProcess } from '../../src/processes/run.ts'
import { until } from '../until.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

const root = join(import.meta.dirname, '../..')
const ansible = join(
  execFileSync('bash', ['-c', '. scripts/paths.sh; echo $SLIPWAY_PYTHON_ENV'], { cwd: root, encoding: 'utf8' }).trim(),
  'bin/ansible-playbook',
)
const mark = (number: number): FenceMark => ({
  scope: { installation: 'our-installation', cluster: 'demo' },
  fence: { epoch: 1, number },
})

let lab: LabHosts
let bench: Workbench
let hosts: HostAccess

beforeAll(async () => {
  lab = await bootLab('hosts-ansible', 1)
})
afterAll(() => lab.down())
beforeEach(async () => {
  bench = await openWorkbench()
  hosts = await bench.open([lab.target('h1', { user: lab.sudoUser, sudo: true, sudoPassword: lab.sudoPassword })])
  await lab.exec('h1', 'rm -rf /var/lib/slipway /tmp/module-*')
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

/** A module on h1 as a play runs it: through our ssh_config, with the fenced interpreter. */
async function runModule(wanted: FenceMark, line: string, become: boolean, pipelining: boolean) {
  const variables = {
    ansible_user: lab.sudoUser,
    ansible_host: hosts.target('h1').address,
    ansible_become: become,
    ansible_become_password: lab.sudoPassword,
    ansible_python_interpreter: fencedPython,
  }
  const play = {
    hosts: 'all',
    gather_facts: false,
    environment: { SLIPWAY_FENCE: renderMark(wanted) },
    tasks: [{ shell: line, register: 'result' }, { debug: { msg: 'it says {{ result.stdout }}.' } }],
  }
  const write = async (name: string, value: unknown) => {
    await writeFile(join(bench.directory, name), JSON.stringify(value), { mode: 0o600 })
    return join(bench.directory, name)
  }
  const inventory = await write('inventory.json', { all: { hosts: { h1: variables } } })
  return runProcess(ansible, ['-i', inventory, await write('play.json', [play])], {
    environment: {
      ...markerEnvironment(bench),
      ANSIBLE_SSH_ARGS: `-F ${hosts.sshConfig}`,
      ANSIBLE_PIPELINING: pipelining ? '1' : '0',
      ANSIBLE_HOME: join(bench.directory, 'ansible'),
    },
    directory: bench.directory,
    stdin: '',
  })
}

describe('a module of Ansible', () => {
  const ways = [
    { become: true, pipelining: true },
    { become: true, pipelining: false },
    { become: false, pipelining: true },
  ]
  for (const { become, pipelining } of ways) {
    const how = `${become ? 'as root' : 'as the user'}, ${pipelining ? 'with' : 'without'} pipelining`
    it(`runs through the fence ${how}, and is refused when the fence is outdated`, async () => {
      await raiseFence(hosts, 'h1', mark(7), { takeover: false })
      const done = await runModule(mark(7), 'id -u', become, pipelining)
      expect(done.stdout).toContain(`it says ${become ? 0 : 1000}.`)
      await raiseFence(hosts, 'h1', mark(8), { takeover: false })
      const refused = await runModule(mark(7), 'touch /tmp/module-old', become, pipelining)
      expect(refused.exitCode).toBe(2)
      expect(refused.stdout).toContain('the host is at fence 1.8, this worker has 1.7')
      expect(refused.stdout).toMatch(/"slipway_fence": "refused"/)
      expect(await lab.exec('h1', 'ls /tmp')).not.toContain('module-old')
    })
  }

  it('shares the warm connection and leaves none of its own behind', async () => {
    await raiseFence(hosts, 'h1', mark(1), { takeover: false })
    const own = (await hosts.run('h1', { command: 'echo $SSH_CONNECTION', sudo: false })).stdout.trim()
    expect((await runModule(mark(1), 'echo $SSH_CONNECTION', false, true)).stdout).toContain(own)
    expect(childrenWith(`${attemptVariable}=${bench.attempt}`)).toEqual([])
  })

  it('of a killed play that still runs on the host is waited for', async () => {
    await raiseFence(hosts, 'h1', mark(1), { takeover: false })
    const play = runModule(mark(1), 'touch /tmp/module-started; sleep 4; touch /tmp/module-done', true, true)
    await until(
      'the module has started',
      async () => (await lab.exec('h1', 'ls /tmp')).includes('module-started'),
      20_000,
    )
    expect(await endChildren({ attempt: bench.attempt })).toBeGreaterThan(1)
    expect((await play).exitCode).not.toBe(0)
    await raiseFence(hosts, 'h1', mark(2), { takeover: true })
    expect(await lab.exec('h1', 'ls /tmp')).toContain('module-done')
  })
})
