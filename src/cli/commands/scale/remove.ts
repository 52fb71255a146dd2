import type { Command } from 'commander'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { type EvictionOptions, evictionOf, evictionWords, withEviction } from '../../follow/eviction.ts'
import { tellingMachinesLeft } from '../../follow/machinesLeft.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { successorWords, type SuccessorOptions, withSuccessor } from '../../follow/successor.ts'
import { destroyMachinesHelp, machinesOf, machineWords } from '../../follow/removal.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import type { Surroundings } from '../../surroundings.ts'

type RemoveOptions = OperateOptions & EvictionOptions & SuccessorOptions & { readonly destroyMachines?: boolean }

export function defineRemove(command: Command, surroundings: Surroundings): void {
  withSuccessor(withEviction(withOperation(command.command('remove').description('take nodes out of a cluster'))))
    .argument('<cluster>', 'a cluster on record')
    .argument('<nodes...>', 'its nodes that are to leave, one after the other')
    .option('--destroy-machines', destroyMachinesHelp)
    .addHelpText(
      'after',
      `
Drains each node, uninstalls Kubernetes on its machine with all data, and deletes its Node: the machine is free for
another cluster then. It is the same as to take the nodes out of the cluster file and to apply that with --remove NODE;
take them out of the file as well: until then apply refuses to bring them back unasked (node-comes-back). A machine that
is lost is removed as it is with --accept unreachable:NODE, and cannot join again by itself. Servers leave one by one, as
far as etcd keeps its majority. Where the first server leaves, another one takes its role over, which the plan names.
Machines that Slipway has made stay as they are, and are told; with --destroy-machines they go in the same run.

Examples:
  slipway scale remove demo w3
  slipway scale remove demo w3 w4 --dry-run
  slipway scale remove demo m1 --successor m3
  slipway scale remove demo w3 --destroy-machines
  slipway scale remove demo w3 --accept unreachable:w3 --yes
`,
    )
    .action(async (cluster: string, nodes: string[], options: RemoveOptions) => {
      const { successor = null } = options
      const operation = {
        operation: 'scale-remove',
        nodes,
        successor,
        ...machinesOf(options),
        ...evictionOf(options),
      } as const
      const words = [
        ...[cluster, ...nodes].map(shellWord),
        ...successorWords(options),
        ...evictionWords(options),
        ...machineWords(options),
        ...acceptOptions(options.accept),
      ]
      const wish = { cluster, operation, command: `slipway scale remove ${words.join(' ')}` }
      process.exitCode = await withServer(surroundings, connected =>
        tellingMachinesLeft(connected, cluster, options, () => operate(connected, wish, options)),
      )
    })
}
