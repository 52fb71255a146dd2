// node lab/operators/run.ts --kubeconfig FILE [--rules FILE]: stands for the operators until it is ended; prints a line
// when it has begun. The rules are JSON (behaviour.ts), and count from the moment at which they are written.
import { readFileSync, watchFile } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Rules, rulesShape } from './behaviour.ts'
import { startOperators } from './operators.ts'

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' }, rules: { type: 'string' } } })
if (values.kubeconfig === undefined) {
  process.stderr.write('run.ts: --kubeconfig is required: a file of an administrator of a lab cluster\n')
  process.exit(2)
}
const { rules } = values
const readRules = (): Rules => (rules === undefined ? {} : rulesShape.parse(JSON.parse(readFileSync(rules, 'utf8'))))

const operators = await startOperators({ kubeconfig: readFileSync(values.kubeconfig, 'utf8'), rules: readRules() })
if (rules !== undefined)
  watchFile(rules, { interval: 100 }, () => {
    try {
      operators.behave(readRules())
    } catch (error) {
      // Perhaps it is half written; the former ones stand.
      process.stderr.write(`${rules}: ${error}\n`)
    }
  })
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    await operators[Symbol.asyncDispose]()
    process.exit(0)
  })
process.stdout.write('the operators are there\n')
