import type { ClusterFile } from '../../domain/cluster.ts'
import { type ClusterFileReading, readClusterFile } from '../../domain/clusterFile/clusterFile.ts'
import { keyFileFault, keyFilesOf } from '../../domain/clusterFile/keyFiles.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import type { ClusterDocument } from '../plans/shapes.ts'

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
export function readDocument({ name, source, files }: ClusterDocument): ReadDocument {
  const reading = readClusterFile(new TextEncoder().encode(source), name)
  if (!reading.ok) throw invalid(name, reading.findings)
  const named = keyFilesOf(reading.file.spec)
  const findings = named.flatMap(key => fileFindings(key, files, reading))
  if (findings.length > 0) throw invalid(name, findings)
  return {
    desired: reading.file,
    warnings: reading.warnings,
    files: Object.fromEntries(named.map(({ file }) => [file, files[file] ?? ''])),
  }
}

function fileFindings(
  key: ReturnType<typeof keyFilesOf>[number],
  files: ClusterDocument['files'],
  { findingAt }: ClusterFileReading & { ok: true },
): Finding[] {
  const text = Object.hasOwn(files, key.file) ? files[key.file] : undefined
  const missing = {
    name: 'key-file-missing',
    message: `the contents of ${key.file} were not sent`,
    remedy: 'Send them in `files`, under the path as the cluster file writes it.',
  }
  const fault = text === undefined ? missing : keyFileFault(key.kind, new TextEncoder().encode(text))
  return fault ? [findingAt(key.path, fault)] : []
}

const invalid = (name: string, findings: readonly Finding[]): SlipwayError =>
  new SlipwayError('cluster-file-invalid', `${name}: ${findings[0]?.message ?? 'not valid'}`, { findings })
