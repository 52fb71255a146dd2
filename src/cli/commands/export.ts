import { type Command, Option } from 'commander'
import { clusterDetailShape } from '../../contract/clusters.ts'
import { allFormats } from '../../distributions/index.ts'
import type { ClusterFile } from '../../domain/cluster.ts'
import { aboutExported, exportedText } from '../../domain/clusterFile/exported.ts'
import { keyFilesOf } from '../../domain/clusterFile/keyFilesOf.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { withServer } from '../client/withServer.ts'
import { printData } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<cluster>', 'name of the cluster')
    .addOption(new Option('-o, --output <format>', 'how the file is written').choices(['yaml', 'json']).default('yaml'))
    .addHelpText(
      'after',
      `
Writes what is desired of the cluster now, with the nodes that scale added and without those that it took out, as a
cluster file: applied as it is, there is nothing to do. It holds no secret; the files that it names have to lie beside it,
and are listed in its first lines.

Examples:
  slipway export demo > cluster.yaml
  slipway export demo -o json | jq -r '.spec.nodes[].hostname'
`,
    )
    .action(async (cluster: string, { output }: { output: 'yaml' | 'json' }) => {
      const path = `/clusters/${encodeURIComponent(cluster)}`
      const detail = await withServer(surroundings, ({ client }) => client.get(path, clusterDetailShape), 'looks')
      if (detail.desired_version === 0)
        throw new SlipwayError('usage', `nothing is desired of cluster ${cluster}: it was never applied`)
      const file: ClusterFile = {
        apiVersion: 'slipway/v1',
        kind: 'Cluster',
        metadata: { name: detail.name },
        spec: { ...detail.spec, nodes: [...detail.spec.nodes] },
      }
      const format = allFormats.find(({ distribution }) => distribution === file.spec.distribution)
      if (!format) throw new SlipwayError('usage', `no cluster file describes a cluster of ${file.spec.distribution}`)
      const about = aboutExported(file, detail.desired_version, keyFilesOf(format, file.spec))
      if (output === 'json') {
        for (const line of about) say(line)
        await printData(output, file)
      } else process.stdout.write(exportedText(file, about))
    })
}
