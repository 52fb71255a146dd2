import type { Json } from '../../../contract/json.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { keyedHash } from '../../../secrets/seal.ts'
import type { ClusterArguments, NodeArguments } from '../arguments.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import { ownFileMark } from '../files/hostFiles.ts'
import type { HostFacts } from '../host/facts.ts'
import { unitOf } from '../nodeState.ts'
import { isReadAtStart, isShared, type OwnFile, ownPlaces, privateFolder } from './places.ts'

/** Those that the cluster file brings to this node, and those of earlier that lie there and are wanted no more. */
export function wantedOwnFiles(
  {
    cluster,
    node,
    contents,
    hashKey,
  }: {
    readonly cluster: ClusterArguments
    readonly node: NodeArguments
    /** By the path as the cluster file writes it. */
    readonly contents: Contents
    readonly hashKey: string
  },
  facts: Pick<HostFacts, 'own_files'> | null,
): readonly OwnFile[] {
  const written = writtenForms(contents, hashKey)
  const wanted = ownPlaces(node, cluster).map(({ path, file, mark }): OwnFile => ({ path, ...written(file, mark) }))
  const named = new Set(wanted.map(({ path }) => path))
  const gone = (facts?.own_files.found ?? [])
    .filter(({ path, ours }) => ours && !named.has(path))
    .map(({ path }): OwnFile => ({ path, content: null, hmac: '' }))
  return [...wanted, ...gone]
}

type Contents = Readonly<Record<string, string>>
type Written = Pick<OwnFile, 'hmac'> & { readonly content: string }

/** By the contents that a session has read once: megabytes on many nodes are hashed once, and not for each of them. */
const known = new WeakMap<Contents, Map<string, Written>>()

/** What is written of a file behind its mark, and its hash. */
function writtenForms(contents: Contents, hashKey: string): (file: string, mark: string) => Written {
  const forms = known.get(contents) ?? new Map<string, Written>()
  known.set(contents, forms)
  return (file, mark) => {
    const key = JSON.stringify([hashKey, mark, file])
    const kept = forms.get(key)
    if (kept) return kept
    const content = contents[file]
    if (content === undefined) throw new SlipwayError('internal', `the contents of ${file} were not read`)
    const made = { content: mark + content, hmac: keyedHash(hashKey, mark + content) }
    forms.set(key, made)
    return made
  }
}

/** As the task `rke2_files` takes them. */
export function ownFileVariables(
  files: readonly OwnFile[],
  node: Pick<NodeArguments, 'role'>,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): { readonly rke2_own_files: Json; readonly rke2_dropped_files: Json } {
  const dataDir = cluster_vars?.['data-dir'] ?? defaultDataDir
  const entry = ({ path, content }: OwnFile) => ({
    path,
    content: content ?? '',
    restarts: isReadAtStart(path) ? unitOf(node) : '',
    private: privateFolder(path, dataDir),
    // Where others may write as well, one of theirs stays.
    mark: isShared(path) ? ownFileMark : '',
  })
  return {
    rke2_own_files: files.filter(({ content }) => content !== null).map(entry),
    rke2_dropped_files: files.filter(({ content }) => content === null).map(entry),
  }
}
