import { stringify } from 'yaml'
import type { ClusterFile } from '../cluster.ts'
import type { KeyFile } from './keyFiles.ts'

/** What whoever takes an exported file elsewhere has to know, in lines. */
export function aboutExported({ metadata }: ClusterFile, version: number, keyFiles: readonly KeyFile[]): string[] {
  const named = [...new Set(keyFiles.map(({ file }) => file))]
  return [
    `Cluster ${metadata.name} as it is desired: version ${version}, written by slipway export. It holds no secret.`,
    ...(named.length === 0
      ? ['No file has to lie beside it.']
      : ['These files have to be where it names them; a relative path begins at the folder of this file:']),
    ...named.map(file => `  ${JSON.stringify(file)}`),
  ]
}

/** As a cluster file is written: no value is broken over lines. */
export const exportedText = (file: ClusterFile, about: readonly string[]): string =>
  about.map(line => `# ${line}\n`).join('') + stringify(file, { lineWidth: 0 })
