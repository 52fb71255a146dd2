import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeRoles } from '../../src/domain/lifecycle.ts'
import { hostname } from '../../src/domain/names.ts'
import type { NodeSpec } from '../../src/domain/cluster.ts'
import { type Inventory, withVariables } from '../../src/ansible/inventory.ts'
import { renderInventoryIni, renderInventoryJson, renderInventoryYaml } from '../../src/ansible/inventoryFormats.ts'
import { type Judged, judge } from './judge.ts'
import { renderForStage, renderForScaleAdd } from '../../src/distributions/rke2/inventory.fixture.ts'

const hostileTexts = fc.oneof(
  fc.constantFrom(
    '{{ lookup("pipe", "id") }}',
    '{% raw %}',
    '{# x #}',
    '!unsafe x',
    '&a',
    '*a',
    '- x',
    '? x',
    ': ',
    'x: y',
    '#',
    ' #x',
    'a\nall:\n  hosts: evil',
    '\r\n',
    '\u2028',
    '\u0085',
    '\ufeff',
    '\u007f',
    '\u0000',
    '~',
    'null',
    'yes',
    'No',
    '0x10',
    '1e3',
    '1_000',
    '12:30:45',
    '.inf',
    '2001-01-01',
    '',
    ' ',
    "'",
    '"',
    '\\',
    '\\u0041',
    '"; x',
    '[a, b]',
    '{a: b}',
    'é',
    '日本',
    '😀',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).filter(text => text.isWellFormed()),
)
const values = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 2 },
    hostileTexts,
    fc.integer(),
    fc.constantFrom(1e-7, 1e21, -2.5e-9, 5e-324, 1.5),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).filter(n => !Object.is(n, -0)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(hostileTexts, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value
const labels = fc
  .oneof(
    fc.constantFrom(
      'w1',
      'w10',
      'w1.example',
      '1',
      '10',
      '0x10',
      '1e3',
      'null',
      'yes',
      'true',
      '10.0.0.1',
      '007',
      'n-1',
      'all-1',
    ),
    fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/),
  )
  .filter(name => hostname.safeParse(name).success)

const nodes = fc.uniqueArray(labels, { minLength: 1, maxLength: 8 }).chain(names =>
  fc.tuple(
    ...names.map((name, index) =>
      fc.record({ role: fc.constantFrom(...nodeRoles), v6: fc.boolean() }).map(
        ({ role, v6 }): NodeSpec => ({
          hostname: name,
          role,
          internal_ip: v6 ? `fd00::${index + 1}` : `10.0.0.${index + 1}`,
        }),
      ),
    ),
  ),
)
const free = fc.stringMatching(/^free_[a-z]{1,6}$/)
const inventoriesWith = (value: typeof values) =>
  fc
    .record({
      nodes,
      common: fc.dictionary(free, value, { maxKeys: 4, noNullPrototype: true }),
      user: fc.constantFrom('root', 'admin'),
    })
    .map(({ nodes: specs, common, user }) => {
      const cluster = { nodes: [...specs], ssh: { user } }
      const base = specs.length > 3 ? renderForScaleAdd(cluster, specs.slice(-2)) : renderForStage(cluster, 'all')
      return withVariables(base, JSON.parse(JSON.stringify(common)))
    })

const inventories = inventoriesWith(values)
/** What Python's literal_eval, shlex or the INI reader could take for something else. */
const temptingWords = fc.constantFrom(
  '10',
  '1.5',
  '-3',
  '0x1F',
  'True',
  'False',
  'None',
  '[1]',
  '{1: 2}',
  '(1, 2)',
  'a b',
  'a=b',
  '=',
  '[group]',
  'é',
  '😀',
  ' ',
  '',
  'x:y',
  '1_0',
  '2001:db8::1',
  'fd00::1',
  "it's",
  '"q"',
  '#c',
  '\n',
  'a\nb',
  '{{ x }}',
)
const inventoriesForIni = inventoriesWith(fc.oneof({ weight: 3, arbitrary: temptingWords }, fc.integer(), fc.boolean()))

const sorted = (...names: (readonly string[])[]): string[] => names.flat().toSorted()

/** Ansible sees these hosts, each with exactly these variables, in exactly these groups. */
function expectSame(inventory: Inventory, judged: Judged): void {
  expect(judged.hosts).toEqual(Object.fromEntries(inventory.hosts.map(host => [host.name, host.variables])))
  const { initial_master = [], joining_masters = [], workers = [], new_nodes = [] } = inventory.groups
  expect(judged.members('initial_master')).toEqual(sorted(initial_master))
  expect(judged.members('joining_masters')).toEqual(sorted(joining_masters))
  expect(judged.members('workers')).toEqual(sorted(workers))
  expect(judged.members('new_nodes')).toEqual(sorted(new_nodes))
  expect(judged.members('masters')).toEqual(sorted(initial_master, joining_masters))
  expect(judged.members('rke2_cluster')).toEqual(sorted(initial_master, joining_masters, workers))
}

const inBatches = { numRuns: 2, endOnFailure: true } as const
const batch = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 60, maxLength: 60 })

test('ansible-inventory reads from the YAML exactly the hosts, groups and values that were meant', async () => {
  await fc.assert(
    fc.asyncProperty(batch(inventories), async batched => {
      const judged = await judge(batched.map(renderInventoryYaml), 'yml')
      for (const [index, inventory] of batched.entries()) expectSame(inventory, judged[index]!)
    }),
    inBatches,
  )
})

test('ansible-inventory reads the same from a script inventory', async () => {
  await fc.assert(
    fc.asyncProperty(batch(inventories), async batched => {
      const scripts = batched.map(
        inventory => `#!/bin/sh\ncat <<'END-OF-INVENTORY'\n${renderInventoryJson(inventory)}\nEND-OF-INVENTORY\n`,
      )
      const judged = await judge(scripts, 'sh')
      for (const [index, inventory] of batched.entries()) expectSame(inventory, judged[index]!)
    }),
    { ...inBatches, numRuns: 1 },
  )
})

test('ansible-inventory reads the same from the INI, or the INI was refused', async () => {
  let carried = 0
  await fc.assert(
    fc.asyncProperty(batch(inventoriesForIni), async batched => {
      const written = batched.flatMap(inventory => {
        try {
          return [{ inventory, text: renderInventoryIni(inventory) }]
        } catch {
          return []
        }
      })
      carried += written.length
      const judged = await judge(
        written.map(one => one.text),
        'ini',
      )
      for (const [index, one] of written.entries()) expectSame(one.inventory, judged[index]!)
    }),
    inBatches,
  )
  expect(carried).toBeGreaterThan(10)
})
