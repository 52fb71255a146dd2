import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { playHosts } from '../../src/ansible/playbook.ts'
import { findAnsible } from '../../src/ansible/tools.ts'
import { localInventory, localPlays } from './local.ts'

const before = process.env.XDG_CACHE_HOME
afterEach(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = before
})

test('a play of ours keeps its packed modules for the next one; another playbook neither keeps nor takes any', async () => {
  const tools = await findAnsible()
  using local = localPlays()
  process.env.XDG_CACHE_HOME = local.directory
  const kept = () => readdirSync(join(local.directory, 'slipway/modules'), { recursive: true }).map(String)
  const inventory = localInventory({
    w1: {
      rke2_type: 'agent',
      rke2_data_dir: '/nowhere',
      rke2_version: 'v1.34.1+rke2r1',
      rke2_artifact_url: 'http://127.0.0.1:1',
    },
  })
  const play = { ...local.play('prepare_nodes.yml', inventory), playbook: 'prepare_nodes.yml', check: true, tools }
  for (const turn of [1, 2]) {
    const { hosts } = await playHosts(play)
    expect(
      hosts.map(host => host.error),
      `turn ${turn}`,
    ).toEqual([null])
    expect(kept().filter(name => name.includes('/'))).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}\/ansible\.modules\.rke2_release-/),
    ])
  }
  process.env.XDG_CACHE_HOME = join(local.directory, 'other')
  await playHosts({ ...local.play('long.yml', inventory), check: true, tools })
  expect(readdirSync(local.directory)).not.toContain('other')
})
