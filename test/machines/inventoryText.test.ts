import { expect, it } from 'vitest'
import { askAnsible, judge } from '../../src/machines/fragments/judge.ts'
import { listed } from '../../src/machines/fragments/machines.fixture.ts'
import { renderInventories } from '../../src/machines/fragments/render.ts'

const words = [
  '/a b',
  '/a"b',
  "/a'b",
  '/a\\b',
  '/a#b',
  '/a;b',
  '/a=b',
  '/$HOME',
  '/`id`',
  '/100%',
  '/ä',
  'CORP\\jane',
  '1234',
  'True',
  '[vms]',
  '0x10',
  "''",
]

it('the real Ansible reads from an inventory the very values that were meant', async () => {
  const machines = words.flatMap((word, index) => [
    listed(`k${index}`, { ssh: { user: 'ops', port: 22, key_file: `/${word}`, jump: [] } }),
    listed(`u${index}`, {
      ssh: { user: word, port: 2200 + index, key_file: null, jump: ['ops@[fd00::1]:22'] },
      addresses: ['fd00::7'],
    }),
  ])
  const foreign = [
    { file: 'inventory.d/own.ini', text: '[web]\nshop ansible_host=10.9.9.9\n[vms:vars]\nansible_user=nobody' },
  ]
  const rendering = renderInventories('/srv/a folder (ä) 100%/ansible', machines, foreign)
  await judge(rendering, askAnsible)
  const { hosts, vms } = await askAnsible(rendering.merged)
  expect(vms.size).toBe(2 * words.length)
  expect(words.map((_, index) => hosts.get(`u${index}`)?.['ansible_user'])).toEqual(words)
  expect(hosts.get('shop')).toEqual({ ansible_host: '10.9.9.9' })
})

it('a fragment of others that breaks the inventory is named', async () => {
  const foreign = [
    { file: 'inventory.d/fine.ini', text: '[web]\nshop\n' },
    { file: 'inventory.d/broken.ini', text: '[web\nshop' },
  ]
  const rendering = renderInventories('/srv/ansible', [listed('a')], foreign)
  await expect(judge(rendering, askAnsible)).rejects.toThrow(
    /^inventory\.d\/broken\.ini, which is not Slipway’s: Ansible/,
  )
})
