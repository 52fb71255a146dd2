import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { labProgram } from '../../lab/commands/program.ts'
import { checkout, nodeProgram } from '../../lab/places.ts'
import { labCli, ownName } from './harness.ts'

test.each([
  ['a name that is none', ['up', '--name', 'A b']],
  ['no name', ['up']],
  ['neither a lab nor all', ['down']],
  ['both a lab and all', ['down', '--name', 'a', '--all']],
  ['a lab that is not there', ['kill', ownName('none'), 'h1']],
  ['a saved lab that is not there', ['load', ownName('none'), ownName('none')]],
  ['an unknown command', ['nonsense']],
  ['a number that is none', ['up', '--name', 'a', '--hosts', 'x']],
])('%s ends with 2 and says what to do', async (_, args) => {
  const { exitCode, stderr, stdout } = await labCli(...args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr.split('\n').length).toBeGreaterThan(1)
})

test('down --mine leaves the labs of other checkouts', () => {
  const cache = mkdtempSync(join(tmpdir(), 'slipway-lab-'))
  const labs = join(cache, 'lab/labs')
  const record = { format: 1, id: '000000', network: '10.255.255', network6: null, phase: 'up', owner: null }
  const parts = { rootfs: '/nowhere', kubernetes: null, releases: null, versions: [], hosts: [] }
  for (const [name, by] of [
    ['ours', checkout],
    ['theirs', '/somewhere/else'],
  ] as const) {
    mkdirSync(join(labs, name), { recursive: true })
    writeFileSync(join(labs, name, 'lab.json'), JSON.stringify({ ...record, ...parts, name, checkout: by }))
  }
  const env = { ...process.env, SLIPWAY_CACHE: cache, SLIPWAY_NODE: nodeProgram }
  const down = (which: string) =>
    spawnSync(nodeProgram, [join(checkout, 'lab/cli.ts'), 'down', which], { env, encoding: 'utf8' })
  expect(down('--mine')).toMatchObject({ status: 0, stderr: '[lab] lab ours is down\n' })
  expect(readdirSync(labs)).toEqual(['theirs'])
  expect(down('--all')).toMatchObject({ status: 0, stderr: '[lab] lab theirs is down\n' })
  rmSync(cache, { recursive: true })
})

test.each(labProgram().commands.map(command => [command.name(), command]))(
  'the help of %s has an example',
  (name, command) => {
    expect(helpOf(command)).toContain(`Example:\n  lab/lab ${name}`)
  },
)

function helpOf(command: Command): string {
  let text = ''
  command
    .configureOutput({
      writeOut: words => {
        text += words
      },
    })
    .outputHelp()
  return text
}
