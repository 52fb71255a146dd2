import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { labProgram } from '../../lab/commands/program.ts'
import { labCli, ownName } from './harness.ts'

test.each([
  ['a name that is none', ['up', '--name', 'A b']],
  ['no name', ['up']],
  ['neither a lab nor all', ['down']],
  ['a lab that is not there', ['kill', ownName('none'), 'h1']],
  ['a saved lab that is not there', ['load', ownName('none'), ownName('none')]],
  ['an unknown command', ['nonsense']],
  ['a number that is none', ['up', '--name', 'a', '--hosts', 'x']],
])('%s ends with 2 and says what to do', async (_, args) => {
  const { exitCode, stderr, stdout } = await labCli(...args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr.split('\n').length).toBeGreaterThan(1)
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
