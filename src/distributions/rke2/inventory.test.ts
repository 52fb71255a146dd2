import { expect, test } from 'vitest'
import type { NodeSpec } from '../../domain/cluster.ts'
import { withVariables } from '../../ansible/inventory.ts'
import {
  renderHostJson,
  renderInventoryIni,
  renderInventoryJson,
  renderInventoryYaml,
} from '../../ansible/inventoryFormats.ts'
import { renderForStage, renderForScaleAdd } from './inventory.fixture.ts'

const node = (hostname: string, role: NodeSpec['role'], last: number, more: Partial<NodeSpec> = {}): NodeSpec => ({
  hostname,
  internal_ip: `10.0.0.${last}`,
  role,
  ...more,
})
const cluster = {
  ssh: { user: 'admin', port: 2222 },
  nodes: [
    node('m1', 'initial_master', 1),
    node('m2', 'master', 2),
    node('m3', 'master', 3, { ssh: { user: 'root', sudo: true } }),
    node('w1', 'worker', 4, { external_ip: '192.0.2.4', use_external_ip: true }),
    node('w10', 'worker', 5, { ssh: { user: 'root' } }),
  ],
}

test('each stage has its own hosts, and all has every host in the group of its role', () => {
  const targets = (['initial_master', 'joining_masters', 'workers', 'all'] as const).map(
    stage => renderForStage(cluster, stage).targets,
  )
  expect(targets).toEqual([['m1'], ['m2', 'm3'], ['w1', 'w10'], ['m1', 'm2', 'm3', 'w1', 'w10']])
  expect(renderForStage(cluster, 'all').groups).toEqual({
    initial_master: ['m1'],
    joining_masters: ['m2', 'm3'],
    workers: ['w1', 'w10'],
    new_nodes: [],
  })
})

test('a stage narrowed to w1 does not take w10', () => {
  const batch = cluster.nodes.filter(one => one.hostname === 'w1')
  expect(renderForStage(cluster, 'workers', batch).targets).toEqual(['w1'])
})

test('scale add acts on the new hosts only and knows the servers they join through', () => {
  const inventory = renderForScaleAdd(cluster, [node('w11', 'worker', 11), node('m4', 'master', 12)])
  expect(inventory.targets).toEqual(['w11', 'm4'])
  expect(inventory.groups).toEqual({
    initial_master: ['m1'],
    joining_masters: ['m4', 'm2', 'm3'],
    workers: ['w11'],
    new_nodes: ['w11', 'm4'],
  })
})

test('host variables carry role, address and the way in; settings of a node win', () => {
  const byName = new Map(renderForStage(cluster, 'all').hosts.map(host => [host.name, host.variables]))
  expect(byName.get('m2')).toEqual({
    ansible_connection: 'ssh',
    ansible_host: '10.0.0.2',
    ansible_port: 2222,
    ansible_user: 'admin',
    ansible_become: true,
    ansible_become_method: 'sudo',
    ansible_become_user: 'root',
    node_role: 'joining_master',
    rke2_type: 'server',
  })
  expect(byName.get('m1')).toMatchObject({ node_role: 'initial_master', rke2_type: 'server' })
  expect(byName.get('m3')).toMatchObject({ ansible_user: 'root', ansible_become: true })
  expect(byName.get('w1')).toMatchObject({ ansible_host: '192.0.2.4', node_role: 'worker', rke2_type: 'agent' })
  expect(byName.get('w10')).toMatchObject({ ansible_user: 'root', ansible_become: false })
})

test.each(['w[1:3]', 'w1:22', 'all', 'localhost', 'a b', 'W1', '{{x}}', 'w1\nw2', 'm1,m2', '-x', ''])(
  'the name %j is refused: Ansible would read something else',
  name => {
    expect(() => renderForStage({ nodes: [node(name, 'worker', 9)] }, 'all')).toThrow(/cannot be an inventory name/)
  },
)

test('a name that appears twice is refused instead of merged', () => {
  expect(() => renderForStage({ nodes: [node('w1', 'worker', 1), node('w1', 'worker', 2)] }, 'all')).toThrow(/twice/)
})

test('INI refuses what it cannot carry and names variable and host', () => {
  const values = ['a\nb', '[all:vars]\nx', 'a#b', 'it’s "x"', "it's", '{{ x }}', '\u2028', ['list']]
  for (const value of values) {
    const inventory = withVariables(renderForStage(cluster, 'all'), { free: value })
    expect(() => renderInventoryIni(inventory), JSON.stringify(value)).toThrow('the INI format cannot carry free of m1')
  }
})

test('a script inventory holds all variables in _meta, and answers {} for an unknown host', () => {
  const inventory = withVariables(renderForStage(cluster, 'workers'), { note: '{{ x }}' }, { w1: { note: 'own' } })
  expect(JSON.parse(renderInventoryJson(inventory))).toMatchObject({
    workers: { hosts: ['w1', 'w10'] },
    masters: { children: ['initial_master', 'joining_masters'] },
    _meta: { hostvars: { w1: { note: 'own' }, w10: { note: { __ansible_unsafe: '{{ x }}' } } } },
  })
  expect(JSON.parse(renderHostJson(inventory, 'w1'))).toMatchObject({ note: 'own', ansible_host: '192.0.2.4' })
  expect(renderHostJson(inventory, 'w2')).toBe('{}')
})

test('every string in YAML is marked unsafe', () => {
  const yaml = renderInventoryYaml(withVariables(renderForStage(cluster, 'initial_master'), { list: ['{{ x }}', 7] }))
  expect(yaml).toContain('"ansible_host": !unsafe "10.0.0.1"')
  expect(yaml).toContain('"list": [!unsafe "{{ x }}", 7]')
})
