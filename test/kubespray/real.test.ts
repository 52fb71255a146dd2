import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { playHosts } from '../../src/ansible/playbook.ts'
import { playEnvironment } from '../../src/ansible/environment.ts'
import { renderInventory, withVariables } from '../../src/ansible/inventory.ts'
import { renderInventoryYaml } from '../../src/ansible/inventoryFormats.ts'
import { rolesWith } from '../../src/distributions/kubespray/inventory.ts'
import { memberNames } from '../../src/distributions/kubespray/memberNames.ts'
import { bringSource, pinSource } from '../../src/distributions/kubespray/source/bring.ts'
import { makeEnvironment } from '../../src/distributions/kubespray/source/environment.ts'
import { kubespraySpec } from '../../src/distributions/kubespray/spec/spec.ts'
import { clusterVariables, nodeVariables } from '../../src/distributions/kubespray/variables.ts'
import { runProcess } from '../../src/processes/run.ts'
import { temporaryFolder } from '../../src/temporaryFolder.fixture.ts'

/** A real Kubespray, which no test may download: where none is named these are counted as skipped. */
const folder = process.env['SLIPWAY_TEST_KUBESPRAY']
const playbooks = [
  'cluster',
  'scale',
  'remove-node',
  'upgrade-cluster',
  'reset',
  'recover-control-plane',
  'playbooks/facts',
]
const doing = { signal: new AbortController().signal, marker: {} }

const nodes = [
  { hostname: 'm1', role: 'initial_master', internal_ip: '127.0.1.11' },
  { hostname: 'm2', role: 'master', internal_ip: '127.0.1.12', etcd: false },
  { hostname: 'w1', role: 'worker', internal_ip: '127.0.1.21', node_vars: { node_labels: { a: 'b' } } },
]

/** Our inventory with everything that a play of its would be told. */
async function prepared(withEtcd: readonly string[] = ['m1']) {
  const source = { folder: folder ?? '' }
  const { folder: here, requirements } = await bringSource(source, await pinSource(source, doing), doing)
  const tools = await makeEnvironment(requirements, doing)
  const directory = temporaryFolder()
  const spec = kubespraySpec.parse({
    distribution: 'kubespray',
    version: '1.35.1',
    kubespray: { source },
    cluster_vars: { kube_network_plugin: 'calico', deep: { list: [1, 'two'] } },
    nodes: nodes.map(node => ({
      ...node,
      etcd: withEtcd.includes(node.hostname),
      internal_ip: node.internal_ip.replace('127.0.1', '10.0.0'),
    })),
  })
  const names = memberNames(withEtcd, new Map())
  const inventory = withVariables(
    renderInventory(rolesWith(names), {}, spec.nodes),
    clusterVariables(spec, { encryption: 'e'.repeat(32), variables: { quoted: 'a "b" {c}: \'d\'' } }),
    nodeVariables(spec),
  )
  const foreign = { tools, folder: here, facts: join(directory, 'facts') }
  mkdirSync(foreign.facts)
  return { directory, inventory, foreign }
}

async function ansible(program: string, ...args: string[]): Promise<string> {
  const { directory, inventory, foreign } = await prepared()
  const { tools, folder: here } = foreign
  const file = join(directory, 'inventory.yml')
  writeFileSync(file, renderInventoryYaml(inventory))
  const all = playEnvironment({ directory, sshConfig: '/dev/null', forks: 5, colour: false, foreign })
  const { SLIPWAY_EVENTS_FD: _fd, SLIPWAY_EXPECTED: _expected, ...environment } = all
  const playbook = args.map(arg => (arg.endsWith('.yml') ? join(here, arg) : arg))
  const done = await runProcess(tools.python, ['-I', '-B', join(tools.bin, program), '-i', file, ...playbook], {
    environment,
    timeout: 120_000,
  })
  expect(`${done.stderr.replaceAll(/\[WARNING\].*\n/g, '')}`).not.toMatch(/ERROR|Traceback/)
  expect(done.exitCode).toBe(0)
  return done.stdout
}

describe.skipIf(folder === undefined)('the Kubespray that SLIPWAY_TEST_KUBESPRAY names', { timeout: 900_000 }, () => {
  it.each(playbooks)('reads our inventory, and %s.yml is well-formed with it', async name => {
    expect(await ansible('ansible-playbook', '--syntax-check', `${name}.yml`)).toContain(`${name}.yml`)
    expect(await ansible('ansible-playbook', '--list-tasks', `${name}.yml`)).toMatch(/play #1/)
  })

  it('has every variable as it was meant', async () => {
    const told = await ansible('ansible-inventory', '--host', 'w1')
    const seen: unknown = JSON.parse(told.replaceAll(/\{\s*"__ansible_unsafe":\s*("(?:[^"\\]|\\.)*")\s*\}/g, '$1'))
    expect(seen).toMatchObject({
      kube_version: '1.35.1',
      ip: '10.0.0.21',
      node_labels: { a: 'b' },
      deep: { list: [1, 'two'] },
      quoted: 'a "b" {c}: \'d\'',
    })
  })

  it.each<[string, readonly string[], RegExp | null]>([
    ['an odd number of members of etcd', ['m1'], null],
    ['an even one', ['m1', 'm2'], /even number of etcd hosts/],
  ])(
    'runs under our runner: its own check of the inventory takes %s as it should',
    async (_what, withEtcd, refused) => {
      const { directory, inventory, foreign } = await prepared(withEtcd)
      const log: string[] = []
      const { hosts } = await playHosts({
        playbook: join(foreign.folder, 'playbooks/boilerplate.yml'),
        sshConfig: '/dev/null',
        directory,
        environment: {},
        signal: doing.signal,
        inventory,
        foreign,
        log: text => void log.push(text),
      })
      const faults = hosts.flatMap(({ error }) => error?.message ?? [])
      if (refused) expect(faults.join('\n')).toMatch(refused)
      else expect(faults, log.join('')).toEqual([])
    },
  )
})
