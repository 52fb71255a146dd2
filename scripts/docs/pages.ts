import { formats } from '../../src/distributions/index.ts'
import { clusterFileSchema } from '../../src/domain/clusterFile/shape.ts'
import { clusterPage } from './clusterPage.ts'
import { componentPages } from './componentPages.ts'
import { commandsPage } from './commandsPage.ts'
import { errorsPage } from './errorsPage.ts'

export interface Page {
  /** Below docs/. */
  readonly path: string
  readonly text: string
}

export async function generatedPages(): Promise<Page[]> {
  return [
    { path: 'errors.md', text: errorsPage() },
    { path: 'cluster-yaml.md', text: clusterPage() },
    { path: 'schema/cluster.schema.json', text: clusterSchemaText() },
    { path: 'cli.md', text: await commandsPage() },
    ...componentPages(),
  ]
}

function clusterSchemaText(): string {
  const schema = { title: 'Slipway cluster file', description: 'docs/cluster-yaml.md', ...clusterFileSchema(formats) }
  return `${JSON.stringify(schema, null, 2)}\n`
}
