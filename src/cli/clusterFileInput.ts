import { dirname, resolve } from 'node:path'
import { allFormats } from '../distributions/index.ts'
import type { ClusterFile } from '../domain/cluster.ts'
import { readClusterFile } from '../domain/clusterFile/clusterFile.ts'
import { maxClusterFileBytes, tooLarge } from '../domain/clusterFile/decode.ts'
import { filesFault } from '../domain/clusterFile/keyFiles.ts'
import { catalogue, type Finding, SlipwayError } from '../domain/errors.ts'
import { withClusterFile } from '../domain/placeholders.ts'
import { readBounded, readStandardInput } from './boundedRead.ts'
import { readKeyFile } from './keyFileInput.ts'
import { readFolders } from './namedFolders.ts'

/** A cluster file with everything that it names, ready to be sent. */
export interface ClusterInput {
  readonly file: ClusterFile
  /** What findings call the file: the path as the user wrote it. */
  readonly name: string
  readonly source: string
  /** Absolute path of the folder it lies in. */
  readonly folder: string
  /** Contents of the key files, by the path as written in the cluster file. */
  readonly files: Readonly<Record<string, string>>
  readonly warnings: readonly Finding[]
}

/**
 * Reads and checks a cluster file and the key files it names, without any server. `-` is standard input.
 * @throws SlipwayError `file-unreadable`, or `cluster-file-invalid` with everything that is wrong.
 */
export async function readClusterInput(path: string): Promise<ClusterInput> {
  const name = path === '-' ? 'standard input' : path
  const { bytes, folder } = await readWritten(path, name)
  const reading = readClusterFile(bytes, name, allFormats)
  if (!reading.ok) throw invalid(name, reading.findings)
  const folders = await readFolders(reading, folder)
  const filled = reading.withFiles(folders.contents)
  const keys = await Promise.all(filled.keyFiles.map(key => readKeyFile(key, folder, reading)))
  const files = Object.fromEntries(keys.map(key => [key.file, key.text]))
  const together = filesFault(files)
  const findings = [
    ...reading.warnings,
    ...folders.findings,
    ...filled.findings,
    ...keys.flatMap(key => key.findings),
    ...(together ? [reading.findingAt(['spec'], together)] : []),
  ]
  if (findings.some(finding => finding.severity === 'error')) throw invalid(name, findings)
  return {
    file: filled.file,
    name,
    source: new TextDecoder().decode(bytes),
    folder,
    files,
    warnings: findings,
  }
}

/** A file that a person wrote, with the folder in which relative paths in it begin. `-` is standard input. */
export async function readWritten(
  path: string,
  name: string,
): Promise<{ readonly bytes: Uint8Array; readonly folder: string }> {
  const { bytes, size } =
    path === '-' ? await readStandardInput(maxClusterFileBytes) : await readBounded(path, maxClusterFileBytes, 'any')
  if (size !== null && size > maxClusterFileBytes) throw invalid(name, [oversize(name, size)])
  return { bytes, folder: path === '-' ? process.cwd() : dirname(resolve(path)) }
}

/** As the API takes it. */
export const documentOf = ({ name, source, folder, files }: ClusterInput) => ({ name, source, folder, files })

const invalid = (name: string, findings: readonly Finding[]): SlipwayError => {
  const errors = findings.filter(finding => finding.severity === 'error').length
  return new SlipwayError('cluster-file-invalid', `${name}: ${errors} ${errors === 1 ? 'error' : 'errors'}`, {
    findings,
    ...(name !== 'standard input' && { remedy: withClusterFile(catalogue['cluster-file-invalid'].remedy, name) }),
  })
}

function oversize(name: string, size: number): Finding {
  const { message, remedy, name: code } = tooLarge(size).refusal
  const place = { file: name, line: 1, column: 1, path: '' }
  return { name: code, severity: 'error', about: `${name}:1:1`, message, remedy, place }
}
