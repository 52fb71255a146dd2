import type { KeyFile, KeyFileKind } from '../domain/clusterFile/keyFiles.ts'
import { type Reading, refuse } from '../domain/clusterFile/secretLine.ts'
import { type PlatformSpec, sourceOf } from './spec.ts'

/** Bytes. In base64 it is a megabyte, and Helm, which keeps a packed chart in a Secret, takes no more either. */
const maxChartBytes = 768 * 1024

const packedChart: KeyFileKind = {
  name: 'chart',
  maxBytes: maxChartBytes,
  open: true,
  binary: true,
  read: readPacked,
}

/** In base64: the first bytes of whatever gzip writes. */
function readPacked(contents: string): Reading<string> {
  if (contents.startsWith('H4sI')) return { ok: true, value: contents }
  return refuse(
    'chart-no-archive',
    'it is no packed chart: it is not compressed by gzip',
    'Pack the chart: helm package FOLDER writes NAME-VERSION.tgz, which is what to name.',
  )
}

/** The files that the platform of a cluster file names. */
export const platformFiles = (platform: PlatformSpec | undefined): KeyFile[] =>
  (platform?.charts ?? []).flatMap((chart, index): KeyFile[] => {
    const source = sourceOf(chart)
    if (source.kind !== 'file') return []
    return [{ file: source.file, kind: packedChart, path: ['spec', 'platform', 'charts', index, 'chart'] }]
  })
