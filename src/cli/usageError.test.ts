import { Command } from 'commander'
import { expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { commandOf, usageError, withHelpOf } from './usageError.ts'

const program = new Command('slipway')
program.command('inventory').command('export')
program.command('plan')

it.each([
  [['plan', '-f', 'x'], 'slipway plan'],
  [['-o', 'json', 'plan'], 'slipway'],
  [['inventory', '--format', 'ini'], 'slipway inventory'],
  [['inventory', 'export', 'plan'], 'slipway inventory export'],
  [[], 'slipway'],
])('the command of %j', (args, command) => {
  expect(commandOf(program, args)).toBe(command)
})

it.each([
  [
    "error: unknown command 'validat'\n(Did you mean validate?)",
    "unknown command 'validat'",
    'Did you mean validate? `slipway --help` shows how it is written.',
  ],
  [
    "error: unknown option '--fil'\n(Did you mean one of --file, --fill?)",
    "unknown option '--fil'",
    'Did you mean one of --file, --fill? `slipway --help` shows how it is written.',
  ],
  [
    "error: missing required argument 'cluster'",
    "missing required argument 'cluster'",
    '`slipway --help` shows how it is written.',
  ],
])('of %j keeps what is wrong and makes the guess a remedy', (said, message, remedy) => {
  expect(usageError(said, 'slipway')).toMatchObject({ code: 'usage', exitCode: 2, message, remedy })
})

it('an error of usage keeps the remedy that it has', () => {
  const own = new SlipwayError('usage', 'm', { remedy: 'Say it so.' })
  expect(withHelpOf(own, 'slipway plan')).toBe(own)
  expect(withHelpOf(new SlipwayError('usage', 'm'), 'slipway plan')).toMatchObject({
    remedy: '`slipway plan --help` shows how it is written.',
  })
  const other = new SlipwayError('not-found', 'm')
  expect(withHelpOf(other, 'slipway plan')).toBe(other)
})
