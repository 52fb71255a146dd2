import type { Command } from 'commander'
import { shellWord } from '../../domain/placeholders.ts'
import { withServer } from '../client/withServer.ts'
import { tellingMachinesLeft } from '../follow/machinesLeft.ts'
import { operate, type OperateOptions, withOperation } from '../follow/operate.ts'
import { machinesOf, machineWords } from '../follow/removal.ts'
import { acceptOptions } from '../follow/takeUp.ts'
import type { Surroundings } from '../surroundings.ts'

interface UninstallOptions extends OperateOptions {
  readonly keepSnapshots?: boolean
  readonly destroyMachines?: boolean
}

export function define(command: Command, surroundings: Surroundings): void {
  withOperation(command)
    .argument('<cluster>', 'a cluster on record')
    .option('--confirm <cluster>', 'the name of the cluster once more; on a terminal it is asked for')
    .option('--keep-snapshots', 'leave the snapshots of etcd on the servers, with the token that a restore needs')
    .option('--destroy-machines', 'also destroy the machines that Slipway has made for its nodes')
    .addHelpText(
      'after',
      `
Uninstalls Kubernetes with all data on every machine of the cluster: the agents first, then the servers, the first one
last. Nothing is drained. The machines are given up, and the cluster goes off the record: its name is free, and its runs
can still be read. A machine that is out of reach is left as it is with --accept unreachable:NODE, and has to be cleaned
by hand; one that is another cluster's by now is never touched: leave it alone by its name, --accept left-alone:NODE.
Machines that Slipway has made stay, and are told; with --destroy-machines they go in the same run, but for those that are
left alone.

Examples:
  slipway uninstall demo --dry-run
  slipway uninstall demo --accept data-loss
  slipway uninstall demo --accept data-loss --confirm demo --yes
  slipway uninstall demo --accept data-loss --accept unreachable:w3 --keep-snapshots
  slipway uninstall demo --accept data-loss --destroy-machines
`,
    )
    .action(async (cluster: string, options: UninstallOptions) => {
      const operation = {
        operation: 'uninstall',
        keep_snapshots: options.keepSnapshots ?? false,
        ...machinesOf(options),
        confirm: options.confirm ?? null,
      } as const
      const words = [
        shellWord(cluster),
        ...(options.keepSnapshots ? ['--keep-snapshots'] : []),
        ...machineWords(options),
        ...acceptOptions(options.accept),
        ...(options.confirm === undefined ? [] : [`--confirm ${shellWord(options.confirm)}`]),
      ]
      const wish = { cluster, operation, command: `slipway uninstall ${words.join(' ')}` }
      process.exitCode = await withServer(surroundings, connected =>
        tellingMachinesLeft(connected, cluster, options, () => operate(connected, wish, options)),
      )
    })
}
