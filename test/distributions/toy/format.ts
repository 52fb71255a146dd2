import { z } from 'zod'
import type { ClusterFormat } from '../../../src/domain/clusterFile/format.ts'
import { nodeFields } from '../../../src/domain/cluster.ts'
import { acceptable } from '../../../src/domain/findings/entry.ts'
import { checkNodes } from '../../../src/domain/rules/nodes.ts'

/** Declared where it arises: it is explained and accepted as any other one. */
const toyFindings = {
  'odd-name': acceptable('A machine has an odd name', 'Accept it.'),
}
type ToyFindings = typeof toyFindings
declare module '../../../src/domain/findingCatalogue.ts' {
  interface DeclaredFindings extends ToyFindings {}
}

const toyNode = z.strictObject({
  ...nodeFields,
  node_vars: z.strictObject({ colour: z.enum(['red', 'blue']) }).optional(),
})

/** `spec` of a cluster of folders. */
const toySpec = z.strictObject({
  distribution: z.literal('toy'),
  version: z.string().regex(/^t\d+$/, 'a version is written like t1'),
  world: z.string().describe('The folder in which each machine is a folder'),
  ssh: nodeFields.ssh,
  nodes: z.array(toyNode).min(1),
})
export type ToySpec = z.infer<typeof toySpec>

export const toyFormat: ClusterFormat<ToySpec> = {
  distribution: 'toy',
  spec: toySpec,
  node: toyNode,
  checkSpec: checkNodes,
  checkParts: () => [],
  keyFiles: () => [],
  localFolders: ['world'],
  findings: toyFindings,
  forms: { version: 't1', world: './world' },
  unknownKey: key => (key === 'cluster_vars' ? { message: 'a toy has no settings', remedy: 'Remove it.' } : null),
  template: {
    defaults: { name: 'demo', version: 't1', user: 'root', key_file: null, servers: [], workers: [] },
    version: toySpec.shape.version,
    text: ({ name }) => `a toy called ${name}`,
  },
  ownConfiguration: () => null,
}
