import type { z } from 'zod'
import type { ClusterSpec, NodeSpec } from '../cluster.ts'
import type { FindingEntry } from '../findings/entry.ts'
import type { RuleFinding } from '../ruleFinding.ts'
import type { KeyFile } from './keyFiles.ts'
import type { Path } from './plainTree.ts'
import type { ClusterTemplate } from './template.ts'

export interface Told {
  readonly message: string
  readonly remedy: string
}

/** A folder that stands for the files in it. */
export interface NamedFolder {
  /** As written in the cluster file; relative to its folder. */
  readonly folder: string
  /** Where it is named, below the root of the cluster file. */
  readonly path: Path
}

/** What a cluster file would write for a file of a folder that it names. */
export const fileIn = (folder: string, name: string): string => `${folder.replace(/\/+$/, '')}/${name}`

/** Paths of files by the folder that stands for them, each as a cluster file would name it; sorted. */
export type FolderContents = ReadonlyMap<string, readonly string[]>

/** A spec with the files in place of their folders. */
export interface FilledSpec<Spec> {
  readonly spec: Spec
  /** Where the user wrote what now stands at this path; null: there. */
  writtenAt(path: Path): Path | null
  /** What is wrong with the files together, at places as the user wrote them. */
  readonly findings: readonly RuleFinding[]
}

export interface FileFolders<Spec> {
  of(spec: Spec): readonly NamedFolder[]
  /** Whether a file of this name is one that is meant by its folder. */
  takes(name: string): boolean
  filled(spec: Spec, contents: FolderContents): FilledSpec<Spec>
}

/** What a distribution says of its part of a cluster file. Pure. */
export interface ClusterFormat<Spec extends ClusterSpec = ClusterSpec> {
  /** As `spec.distribution` names it. */
  readonly distribution: string
  /** The whole of `spec`, strict. */
  readonly spec: z.ZodType<Spec> & z.ZodObject
  /** One of `spec.nodes`. */
  readonly node: z.ZodType<NodeSpec>
  /** The rules over a whole file that a field alone can't tell. */
  checkSpec(spec: Spec): readonly RuleFinding[]
  /** The same rules, as far as they can be judged, over a `spec` of which parts are wrong. */
  checkParts(spec: unknown): readonly RuleFinding[]
  /** The files that the spec names, but for those of SSH and of its nodes. */
  keyFiles(spec: Spec): readonly KeyFile[]
  /** Those that one of its nodes names, which stands at this path. Missing: none. */
  nodeFiles?(node: Spec['nodes'][number], path: Path): readonly KeyFile[]
  /** What it knows of folders that the spec names in place of the files in them. Missing: it takes none. */
  readonly folders?: FileFolders<Spec>
  /**
   * Places below `spec` (`kubespray.source.folder`) that name a folder or file on the machine that runs Slipway; relative
   * to the cluster file's folder. A URL may stand there as well.
   */
  readonly localFolders: readonly string[]
  /** What may be found of its own: the meaning of each name. */
  readonly findings: Readonly<Record<string, FindingEntry>>
  /** A right value of each field of its own, as it is written in a file, by the field's name. */
  readonly forms: Readonly<Record<string, string>>
  /**
   * What is to be said of a key that no schema knows at its place; null: what is always said.
   * @param guess the key of that place that was probably meant.
   */
  unknownKey(key: string, path: Path, guess: string | null): Told | null
  readonly template: ClusterTemplate
  /** What is to be said of a file with these keys at its top that is the distribution's own configuration; null: it is not. */
  ownConfiguration(keys: readonly string[]): Told | null
}
