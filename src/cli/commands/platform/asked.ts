import type { Command } from 'commander'
import type { PlatformApply } from '../../../contract/operations.ts'
import type { ClusterDocument } from '../../../contract/plans.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { documentOf, readClusterInput } from '../../clusterFileInput.ts'

/** What the commands about the platform of a cluster are asked with. */
export interface PlatformOptions {
  readonly file?: string
}

export const withPlatform = (command: Command): Command =>
  command
    .argument('<cluster>', 'a cluster on record')
    .argument('[components...]', 'only these components and charts, with what they need; default all')
    .option('-f, --file <file>', 'take over the platform of this cluster file; - is standard input')

export interface AskedPlatform {
  readonly operation: PlatformApply
  readonly written?: { readonly document: ClusterDocument; readonly file: string; readonly machines: number }
}

/** @throws SlipwayError `usage` for a file in place of a cluster, or of another one; `file-unreadable`, `cluster-file-invalid`. */
export async function askedPlatform(
  cluster: string,
  components: readonly string[],
  { file }: PlatformOptions,
): Promise<AskedPlatform> {
  if (/\.ya?ml$/.test(cluster))
    throw new SlipwayError('usage', `${cluster} is a file, and the name of a cluster is needed`, {
      remedy: `Name its cluster, and give the file with -f: -f ${shellWord(cluster)}.`,
    })
  const operation = { operation: 'platform-apply', components } as const
  if (file === undefined) return { operation }
  const input = await readClusterInput(file)
  const { metadata, spec } = input.file
  if (metadata.name !== cluster)
    throw new SlipwayError('usage', `${input.name} describes cluster ${metadata.name}, not ${cluster}`, {
      remedy: `Name that one, or give the file of ${cluster}.`,
    })
  return { operation, written: { document: documentOf(input), file, machines: spec.nodes.length } }
}

/** To be typed again. */
export const platformWords = (
  cluster: string,
  components: readonly string[],
  { file }: PlatformOptions,
): readonly string[] => [
  ...[cluster, ...components].map(shellWord),
  ...(file === undefined ? [] : [`-f ${shellWord(file)}`]),
]
