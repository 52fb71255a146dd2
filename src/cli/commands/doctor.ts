import type { Command } from 'commander'
import { dataFolder } from '../../api/access/home.ts'
import { exitCodes } from '../../domain/errors.ts'
import { type Format, printRows, withOutput } from '../output.ts'
import { say } from '../terminal.ts'

export function define(command: Command): void {
  withOutput(command)
    .addHelpText(
      'after',
      `
Ends with 0 when everything that is needed is there, with 2 otherwise. It changes nothing and starts no server.

Examples:
  slipway doctor
  slipway doctor -o json
`,
    )
    .action(async ({ output }: { output: Format }) => {
      const { examine } = await import('../offline/examine.ts')
      const checks = await examine(dataFolder())
      await printRows(output, checks, [
        { title: 'check', value: check => check.name },
        { title: 'result', value: check => (check.ok ? 'ok' : 'missing') },
        { title: 'found', value: check => check.found },
        { title: 'what to do', value: check => check.remedy, wide: true },
      ])
      const missing = checks.filter(check => !check.ok)
      if (output === 'table') for (const check of missing) say(`${check.name}: ${check.remedy}`)
      process.exitCode = missing.length > 0 ? exitCodes.usage : exitCodes.done
    })
}
