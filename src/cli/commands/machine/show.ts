import type { Command } from 'commander'
import { type MachineDetail, machineDetailShape } from '../../../contract/machines.ts'
import { readMachineName } from '../../../domain/machine.ts'
import { withServer } from '../../client/withServer.ts'
import { type Format, printData, printLine, withOutput } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'

export function defineShow(group: Command, surroundings: Surroundings): void {
  const command = group.command('show').description('one machine: settings, addresses, what was made of it')
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('<name>', 'name of the machine')
    .addHelpText(
      'after',
      `
Examples:
  slipway machine show dev-vm
  slipway machine show dev-vm -o json | jq -r '.addresses[0]'
`,
    )
    .action(async (word: string, { output }: { output: Format }) => {
      const path = `/machines/${encodeURIComponent(readMachineName(word))}`
      const machine = await withServer(surroundings, ({ client }) => client.get(path, machineDetailShape), 'looks')
      if (output === 'json' || output === 'yaml') await printData(output, machine)
      else for (const line of lines(machine)) printLine(line)
    })
}

function lines(machine: MachineDetail): readonly string[] {
  const { spec, outputs, resources, last_run: run, use, ssh, state_place: place } = machine
  const rows: readonly (readonly [string, string | null])[] = [
    ['name', machine.name],
    ['provider', machine.provider],
    ['status', `${machine.status}, since ${machine.status_since}`],
    ['last error', machine.last_error],
    ['addresses', machine.addresses.join(', ') || null],
    ['login', ssh && `${ssh.user}, port ${ssh.port}${ssh.key_file === null ? '' : `, key ${ssh.key_file}`}`],
    ['host key', machine.host_key],
    ['used by', use && `cluster ${use.cluster} (${use.status})`],
    ['settings', JSON.stringify(spec)],
    ['made of it', resources.join(', ') || null],
    ['state', place && `${place.backend}, workspace ${place.workspace}`],
    ...Object.entries(outputs).map(([name, value]) => [name, JSON.stringify(value)] as const),
    ['last run', run && `${run.id}: ${run.title} (${run.status})`],
  ]
  const widest = Math.max(...rows.map(([title]) => title.length))
  return rows.flatMap(([title, value]) => (value === null ? [] : [`${title.padEnd(widest)}  ${value}`]))
}
