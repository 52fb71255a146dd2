import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderInventoryYaml } from '../../src/ansible/inventoryFormats.ts'
import { ansibleFolder, findAnsible } from '../../src/ansible/tools.ts'
import { localInventory, localPlays } from './local.ts'
import { runPlaybook } from './runPlaybook.ts'
import { renderForStage } from '../../src/distributions/rke2/inventory.fixture.ts'

const playbook = join(import.meta.dirname, 'playbooks/lines.yml')

/** The fastest of some measurements, s: what the machine can do when nobody else uses it. */
async function fastest(times: number, act: () => Promise<void> | void): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < times; turn += 1) {
    const started = performance.now()
    await act()
    best = Math.min(best, (performance.now() - started) / 1000)
  }
  return best
}

test('a run of 100,000 log lines takes at most 1.2 times ansible-playbook into a file', async () => {
  using local = localPlays()
  const inventory = localInventory({ w1: {} })
  const { bin } = await findAnsible()
  const folder = join(local.directory, 'bare')
  mkdirSync(folder)
  writeFileSync(join(folder, 'inventory.yml'), renderInventoryYaml(inventory))
  const bare = () => {
    const file = openSync(join(folder, 'log'), 'w')
    execFileSync(join(bin, 'ansible-playbook'), ['-i', join(folder, 'inventory.yml'), playbook], {
      stdio: ['ignore', file, 'inherit'],
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_HOME: folder,
        PYTHONDONTWRITEBYTECODE: '1',
        ANSIBLE_CONFIG: join(ansibleFolder, 'ansible.cfg'),
      },
    })
    closeSync(file)
  }
  let seen = 0
  const ours = async () => {
    seen = 0
    const log = (text: string) => {
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) seen += 1
    }
    await runPlaybook({ ...local.play('lines.yml', inventory), log })
  }
  // By turns, so that what else the machine does falls on both.
  const times = { bare: Number.POSITIVE_INFINITY, ours: Number.POSITIVE_INFINITY }
  for (let turn = 0; turn < 3; turn += 1) {
    times.bare = Math.min(times.bare, await fastest(1, bare))
    times.ours = Math.min(times.ours, await fastest(1, ours))
  }
  const ratio = times.ours / times.bare
  const lines = readFileSync(join(folder, 'log'), 'utf8').split('\n').length - 1
  console.log(
    `${seen} lines: bare ${times.bare.toFixed(2)} s, ours ${times.ours.toFixed(2)} s, ratio ${ratio.toFixed(2)}`,
  )
  expect(seen).toBeGreaterThan(100_000)
  expect(seen).toBe(lines)
  expect(ratio).toBeLessThan(1.2)
})

test('an inventory of 1,000 nodes is rendered in less than 10 ms', async () => {
  const nodes = Array.from({ length: 1000 }, (_, index) => ({
    hostname: `w${index}.example.org`,
    internal_ip: `10.0.${index >> 8}.${index & 255}`,
    role: index === 0 ? ('initial_master' as const) : ('worker' as const),
  }))
  const cluster = { nodes, ssh: { user: 'admin' } }
  const seconds = await fastest(20, () => {
    renderInventoryYaml(renderForStage(cluster, 'all'))
  })
  console.log(`1,000 nodes: ${(seconds * 1000).toFixed(1)} ms`)
  expect(seconds).toBeLessThan(0.01)
})
