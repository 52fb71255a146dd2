import type { Command } from 'commander'
import { isServer } from '../../domain/cluster.ts'
import { exitCodes, type Finding, SlipwayError } from '../../domain/errors.ts'
import { type ClusterInput, readClusterInput } from '../clusterFileInput.ts'
import { findingLines } from '../failure.ts'
import { type Format, printData, printLine, withOutput } from '../output.ts'
import { say } from '../terminal.ts'

export function define(command: Command): void {
  withOutput(command, ['table', 'json', 'yaml'])
    .requiredOption('-f, --file <file>', 'the cluster file; - is standard input')
    .addHelpText(
      'after',
      `
Checks form, rules and key files on this machine; no server and no host is asked.

Examples:
  slipway validate -f cluster.yaml
  slipway validate -f cluster.yaml -o json
`,
    )
    .action(async ({ file, output }: { file: string; output: Format }) => {
      if (output === 'json' || output === 'yaml') process.exitCode = await validateAsData(file, output)
      else validateForPeople(await readClusterInput(file))
    })
}

function validateForPeople({ file, name, warnings }: ClusterInput): void {
  for (const line of findingLines(warnings)) say(line)
  const servers = file.spec.nodes.filter(isServer).length
  printLine(
    `${name} is valid: cluster ${file.metadata.name}, ${file.spec.version}, servers: ${servers}, workers: ${file.spec.nodes.length - servers}`,
  )
}

async function validateAsData(path: string, format: 'json' | 'yaml'): Promise<number> {
  const report = (valid: boolean, cluster: string | null, findings: readonly Finding[]) =>
    printData(format, { valid, file: path, cluster, findings })
  try {
    const { file, warnings } = await readClusterInput(path)
    await report(true, file.metadata.name, warnings)
    return exitCodes.done
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'cluster-file-invalid') throw error
    await report(false, null, error.findings)
    return error.exitCode
  }
}
