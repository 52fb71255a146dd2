import { type Command, Option } from 'commander'
import { withServer } from '../client/withServer.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'
import { writeText } from '../writeText.ts'

const formats = ['yaml', 'ini', 'json'] as const

interface InventoryOptions {
  readonly format: (typeof formats)[number]
  readonly output?: string
  readonly force?: boolean
}

export function define(command: Command, surroundings: Surroundings): void {
  const fetch = (cluster: string, query: Readonly<Record<string, string>>) =>
    withServer(
      surroundings,
      ({ client }) => client.text(`/clusters/${encodeURIComponent(cluster)}/inventory?${new URLSearchParams(query)}`),
      'looks',
    )
  const format = () => new Option('--format <format>', 'how it is written').choices([...formats]).default('yaml')

  command.addHelpText(
    'after',
    `
No key and no password is in it: other tools need a login of their own.

Examples:
  slipway inventory show demo
  slipway inventory export demo --format ini --output hosts.ini
  printf '#!/bin/sh\\nexec slipway inventory script demo "$@"\\n' > hosts && chmod +x hosts && ansible -i hosts all --list-hosts
`,
  )
  command
    .command('show')
    .description('print it')
    .argument('<cluster>', 'name of the cluster')
    .addOption(format())
    .action(async (cluster: string, options: InventoryOptions) => {
      process.stdout.write(withNewline(await fetch(cluster, { format: options.format })))
    })
  command
    .command('export')
    .description('write it to a file')
    .argument('<cluster>', 'name of the cluster')
    .addOption(format())
    .option('--output <file>', 'file to write; without it, or with -, standard output')
    .option('--force', 'replace the file if there is one')
    .action(async (cluster: string, options: InventoryOptions) => {
      const text = withNewline(await fetch(cluster, { format: options.format }))
      const { output = '-', force = false } = options
      await writeText(output, text, { option: '--output', force })
      if (output !== '-') say(`Wrote ${output}`)
    })
  command
    .command('script')
    .description('answer as a script inventory of Ansible')
    .argument('<cluster>', 'name of the cluster')
    .option('--list', 'all groups and variables')
    .option('--host <name>', 'the variables of one host')
    .action(async (cluster: string, { host }: { list?: boolean; host?: string }) => {
      process.stdout.write(withNewline(await fetch(cluster, { format: 'json', ...(host !== undefined && { host }) })))
    })
}

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)
