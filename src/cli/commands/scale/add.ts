import { type Command, Option } from 'commander'
import { SlipwayError } from '../../../domain/errors.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { findingLines } from '../../failure.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import { type NodesInput, nodesOfWords, readNodesInput, readReceiving, type Receiving } from '../../nodesInput.ts'
import type { Surroundings } from '../../surroundings.ts'
import { say } from '../../terminal.ts'

interface AddOptions extends OperateOptions {
  readonly file?: string
  readonly role?: string
}

export function defineAdd(command: Command, surroundings: Surroundings): void {
  withOperation(command.command('add').description('bring nodes into a cluster'))
    .argument('<cluster>', 'a cluster on record')
    .argument('[nodes...]', 'each with its address: w4=10.0.0.24')
    .option('-f, --file <file>', 'a file with a list `nodes`, each as in a cluster file; - is standard input')
    .addOption(
      new Option('--role <role>', 'of the nodes that are named here; default worker').choices(['worker', 'master']),
    )
    .addHelpText(
      'after',
      `
Servers join one after the other, workers beside each other. It is the same plan as that of the cluster file with these
nodes at its end. Nodes that the cluster has already with the same settings are left alone, so the command can be given
again; one that was removed comes back. An apply of the cluster file keeps them, also while the file does not name them.

Examples:
  slipway scale add demo w4=10.0.0.24 w5=10.0.0.25
  slipway scale add demo m2=10.0.0.12 m3=10.0.0.13 --role master --dry-run
  slipway scale add demo -f more-nodes.yaml --yes
`,
    )
    .action(async (cluster: string, words: string[], options: AddOptions) => {
      if ((words.length === 0) === (options.file === undefined))
        throw new SlipwayError('usage', 'name nodes like w4=10.0.0.24, or give a file with -f, one of the two')
      if (options.file !== undefined && options.role !== undefined)
        throw new SlipwayError('usage', 'in a file each node says its own role', { remedy: 'Leave out --role.' })
      process.exitCode = await withServer(surroundings, async connected => {
        const receiving = await readReceiving(connected.client, cluster)
        const { nodes, files, warnings } = await inputOf(words, options, receiving)
        for (const line of findingLines(warnings)) say(line)
        const operation = { operation: 'scale-add', nodes, files } as const
        return operate(connected, { cluster, operation, command: addCommand(cluster, words, options) }, options)
      })
    })
}

const inputOf = async (words: readonly string[], { file, role }: AddOptions, to: Receiving): Promise<NodesInput> =>
  file === undefined ? nodesOfWords(words, role ?? 'worker', to) : readNodesInput(file, to)

/** What was typed, without the approval. */
const addCommand = (cluster: string, words: readonly string[], { file, role, accept }: AddOptions): string =>
  [
    'slipway scale add',
    ...[cluster, ...words].map(shellWord),
    ...(file === undefined ? [] : [`-f ${shellWord(file)}`]),
    ...(role === undefined ? [] : [`--role ${role}`]),
    ...acceptOptions(accept),
  ].join(' ')
