import { resolve } from 'node:path'
import type { ClusterFile } from '../../domain/cluster.ts'
import { type ClusterFileReading, type FindingText, readClusterFile } from '../../domain/clusterFile/clusterFile.ts'
import { keyFileFault, keyFilesOf } from '../../domain/clusterFile/keyFiles.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import type { ClusterDocument } from '../../contract/plans.ts'

export interface ReadDocument {
  readonly desired: ClusterFile
  /** Warnings of the rules over the whole file. */
  readonly warnings: readonly Finding[]
  /** Only the files that the cluster file names. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * The server's door for cluster files; the same one as on the command line, because nobody is trusted to have checked.
 * @throws SlipwayError `cluster-file-invalid` with everything that is wrong.
 */
export function readDocument({ name, source, folder, files }: ClusterDocument): ReadDocument {
  const reading = readClusterFile(new TextEncoder().encode(source), name)
  if (!reading.ok) throw invalid(name, reading.findings)
  const named = keyFilesOf(reading.file.spec)
  const findings = [...named.flatMap(key => fileFindings(key, files, reading)), ...artifactFindings(folder, reading)]
  if (findings.length > 0) throw invalid(name, findings)
  return {
    desired: withArtifactFolder(reading.file, folder),
    warnings: reading.warnings,
    files: Object.fromEntries(named.map(({ file }) => [file, files[file] ?? ''])),
  }
}

/** The server may stand in any folder: what is stored says where the releases lie without asking where that is. */
function withArtifactFolder(file: ClusterFile, folder: string | undefined): ClusterFile {
  const { artifact_path } = file.spec
  if (artifact_path === undefined || folder === undefined) return file
  return { ...file, spec: { ...file.spec, artifact_path: resolve(folder, artifact_path) } }
}

function artifactFindings(
  folder: string | undefined,
  { file, findingAt }: ClusterFileReading & { ok: true },
): Finding[] {
  const { artifact_path } = file.spec
  if (artifact_path === undefined || artifact_path.startsWith('/') || folder !== undefined) return []
  const message = `${artifact_path} is relative, and the folder of the file was not sent`
  const remedy = 'Write an absolute path, or send `folder`.'
  return [findingAt(['spec', 'artifact_path'], { name: 'relative-path', message, remedy })]
}

function fileFindings(
  key: ReturnType<typeof keyFilesOf>[number],
  files: ClusterDocument['files'],
  { findingAt }: ClusterFileReading & { ok: true },
): Finding[] {
  const text = Object.hasOwn(files, key.file) ? files[key.file] : undefined
  const missing: FindingText = {
    name: 'key-file-missing',
    message: `the contents of ${key.file} were not sent`,
    remedy: 'Send them in `files`, under the path as the cluster file writes it.',
  }
  const fault = text === undefined ? missing : keyFileFault(key.kind, new TextEncoder().encode(text))
  return fault ? [findingAt(key.path, fault)] : []
}

const invalid = (name: string, findings: readonly Finding[]): SlipwayError =>
  new SlipwayError('cluster-file-invalid', `${name}: ${findings[0]?.message ?? 'not valid'}`, { findings })
