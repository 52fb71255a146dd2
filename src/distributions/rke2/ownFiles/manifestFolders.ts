import type { FileFolders, FolderContents, NamedFolder } from '../../../domain/clusterFile/format.ts'
import { fault, type RuleFinding } from '../../../domain/ruleFinding.ts'
import { mostFiles } from '../spec/ownFiles.ts'
import type { Rke2Spec } from '../spec/spec.ts'
import { addOnOf, isManifest, namesManifest } from './manifestNames.ts'

/** `spec.manifests` may name folders: from the door on their files stand in their place. */
export const manifestFolders: FileFolders<Rke2Spec> = {
  of: ({ manifests }) =>
    (manifests ?? []).flatMap((folder, index): NamedFolder[] =>
      namesManifest(folder) ? [] : [{ folder, path: ['spec', 'manifests', index] }],
    ),
  takes: isManifest,
  filled(spec, contents) {
    if (spec.manifests === undefined) return { spec, writtenAt: () => null, findings: [] }
    const named = spec.manifests.flatMap((entry, index) =>
      filesOf(entry, contents).map((file): NamedManifest => ({ file, path: ['manifests', index] })),
    )
    return {
      spec: { ...spec, manifests: named.map(({ file }) => file) },
      writtenAt: ([, key, index]) =>
        key === 'manifests' && typeof index === 'number' ? ['spec', ...(named[index]?.path ?? [key])] : null,
      findings: [...tooMany(named), ...twiceNamed(named), ...disabled(named, spec)],
    }
  },
}

interface NamedManifest {
  readonly file: string
  readonly path: RuleFinding['path']
}

const filesOf = (entry: string, contents: FolderContents): readonly string[] =>
  namesManifest(entry) ? [entry] : (contents.get(entry) ?? [])

/** What is stored has to be read again. */
const tooMany = (named: readonly NamedManifest[]): RuleFinding[] =>
  named.length <= mostFiles
    ? []
    : [
        fault(
          'own-file-too-large',
          ['manifests'],
          `with those of its folders it names ${named.length} files, at most ${mostFiles} are taken`,
          'Put several objects into one file, with a line `---` between them.',
        ),
      ]

/** RKE2 goes by what stands before the first dot: two files would take turns at one AddOn, each removing what the other made. */
function twiceNamed(named: readonly NamedManifest[]): RuleFinding[] {
  return named.flatMap(({ file, path }, place) => {
    const first = named.findIndex(other => addOnOf(other.file) === addOnOf(file))
    if (first === place) return []
    const other = named[first]?.file ?? ''
    return [
      fault(
        'manifest-twice',
        path,
        other === file ? `${file} is named twice` : `${file} and ${other} would be one AddOn to RKE2: ${addOnOf(file)}`,
        'Keep one of them, or call one otherwise before its first dot.',
      ),
    ]
  })
}

/** RKE2 removes files of disabled names from the machine, with all that they made. */
function disabled(named: readonly NamedManifest[], { cluster_vars }: Rke2Spec): RuleFinding[] {
  const names = new Set(cluster_vars?.disable)
  return named.flatMap(({ file, path }) => {
    const name = addOnOf(file)
    if (!names.has(name)) return []
    const remedy = `Call the file otherwise, or take ${name} out of disable.`
    return [fault('manifest-name', path, `${name} is disabled (cluster_vars.disable): RKE2 would remove it`, remedy)]
  })
}
