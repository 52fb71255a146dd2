import type { Command } from 'commander'
import { SlipwayError } from '../../../domain/errors.ts'
import { machineToken } from '../../../domain/machineToken.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import type { Client } from '../../client/client.ts'
import { withServer } from '../../client/withServer.ts'
import { findingLines } from '../../failure.ts'
import { type EvictionOptions, evictionOf, evictionWords, withEviction } from '../../follow/eviction.ts'
import { tellingMachinesLeft } from '../../follow/machinesLeft.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { destroyMachinesHelp, machinesOf, machineWords } from '../../follow/removal.ts'
import { successorWords, type SuccessorOptions, withSuccessor } from '../../follow/successor.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import { nodeOfWord, type NodesInput, readNodesInput, readReceiving } from '../../nodesInput.ts'
import type { Surroundings } from '../../surroundings.ts'
import { say } from '../../terminal.ts'

type ReplaceOptions = OperateOptions &
  EvictionOptions &
  SuccessorOptions & { readonly file?: string; readonly destroyMachines?: boolean }

export function defineReplace(command: Command, surroundings: Surroundings): void {
  withSuccessor(
    withEviction(withOperation(command.command('replace').description('put a machine in the place of a node'))),
  )
    .argument('<cluster>', 'a cluster on record')
    .argument('<old>', 'its node that is to leave')
    .argument(
      '[new]',
      'the node that comes in its place, with its address: m4=10.0.0.14; its name alone where Slipway makes its machine',
    )
    .option('--destroy-machines', destroyMachinesHelp)
    .option('-f, --file <file>', 'a file with a list `nodes` of one node, as in a cluster file; - is standard input')
    .addHelpText(
      'after',
      `
The new node has the role and the settings (ssh, node_vars, files) of the one that it replaces, where a file gives none. While
the old machine works the new one joins first, and the old one leaves when that is done. A server that is lost (--accept
unreachable:OLD) leaves first, since etcd takes no new member beside a dead one. Where the first server is replaced, another
server that is there takes its role over, which the plan names, and the new one is a server like the others. It is the same
as to write the new node into the cluster file in the place of the old one, and to apply that with --remove OLD; do so in
your file as well. A machine that was installed anew, or another one that takes over the name, is given under the same name:
what is lost leaves, and it joins. In a cluster whose machines Slipway makes a name is enough, and the new machine is made as
the old one was, or as the file says below machine; --destroy-machines takes the old one away at the end.

Examples:
  slipway node replace demo w3 w7=10.0.0.27
  slipway node replace demo m1 m4=10.0.0.14 --dry-run
  slipway node replace demo m1 m4=10.0.0.14 --accept unreachable:m1 --yes
  slipway node replace demo m1 m1=10.0.0.11 --accept host-key-changed:m1
  slipway node replace demo w3 w7 --destroy-machines
`,
    )
    .action(async (cluster: string, old: string, by: string | undefined, options: ReplaceOptions) => {
      if ((by === undefined) === (options.file === undefined))
        throw new SlipwayError('usage', 'name the new node like m4=10.0.0.14, or give a file with -f, one of the two')
      const words = [
        ...[cluster, old, ...(by === undefined ? [] : [by])].map(shellWord),
        ...(options.file === undefined ? [] : [`-f ${shellWord(options.file)}`]),
        ...successorWords(options),
        ...evictionWords(options),
        ...machineWords(options),
        ...acceptOptions(options.accept),
      ]
      process.exitCode = await withServer(surroundings, async connected => {
        const { nodes, files, warnings } =
          options.file === undefined
            ? { nodes: [await typedNode(connected.client, cluster, by ?? '')], files: {}, warnings: [] }
            : await fileInput(connected.client, cluster, old, options.file)
        for (const line of findingLines(warnings)) say(line)
        const [newcomer] = nodes
        const { hostname } = newcomer ?? {}
        if (nodes.length !== 1 || typeof hostname !== 'string')
          throw new SlipwayError(
            'usage',
            `the file has ${nodes.length} nodes, and one is to come in the place of ${old}`,
          )
        const operation = {
          operation: 'node-replace',
          node: old,
          by: { ...newcomer, hostname },
          files,
          successor: options.successor ?? null,
          ...machinesOf(options),
          ...evictionOf(options),
        } as const
        const wish = { cluster, operation, command: `slipway node replace ${words.join(' ')}` }
        return tellingMachinesLeft(connected, cluster, options, () => operate(connected, wish, options))
      })
    })
}

/** A name alone is that of a machine which Slipway makes as well. */
async function typedNode(client: Client, cluster: string, word: string): Promise<Readonly<Record<string, unknown>>> {
  if (word.includes('=')) return nodeOfWord(word)
  const { spec } = await readReceiving(client, cluster)
  return spec.machines === undefined ? nodeOfWord(word) : { hostname: word, internal_ip: machineToken(word) }
}

/** Those of a file are read beside those that stay: who is replaced may have the same name. */
async function fileInput(client: Client, cluster: string, old: string, file: string): Promise<NodesInput> {
  const { format, spec } = await readReceiving(client, cluster)
  const nodes = spec.nodes.filter(({ hostname }) => hostname !== old)
  return readNodesInput(file, { format, spec: { ...spec, nodes } })
}
