import { parseAllDocuments, visit } from 'yaml'
import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import { chartScalar } from '../domain/clusterFile/chartValue.ts'
import { type FolderRules, readFolderArchive } from '../domain/clusterFile/folderArchive.ts'
import type { KeyFile, KeyFileKind } from '../domain/clusterFile/keyFiles.ts'
import { type Reading, refuse, withoutMark } from '../domain/clusterFile/secretLine.ts'
import type { Path } from '../domain/clusterFile/plainTree.ts'
import { type ChartWish, sourceOf } from './chartSource.ts'
import { catalogue } from './catalogue/index.ts'
import { ownSettings, settingsOf } from './components/enabled.ts'
import type { ComponentSettings } from './componentSettings.ts'
import { pullSecretFile } from './prerequisites/pullSecret.ts'
import type { PlatformSpec } from './spec.ts'

/** Bytes. In base64 it is a megabyte, and Helm, which keeps a packed chart in a Secret, takes no more either. */
const maxChartBytes = 768 * 1024

/** A chart that is not packed yet: all that Helm may look at, which leaves out what its .helmignore says. */
export const chartFolder: FolderRules = { mostFiles: 2000, mostBytes: 20 * 1024 * 1024, hidden: true }

const packedChart: KeyFileKind = {
  name: 'chart',
  maxBytes: maxChartBytes,
  open: true,
  binary: true,
  folder: { ...chartFolder, orFile: true },
  read: readPacked,
}

/** Values that nobody is shown. */
const secretValues: KeyFileKind = { name: 'chart-values', maxBytes: 256 * 1024, read: readSecretValues }

/** The values of a file, as Helm would read them. Never quotes what stands in it. */
export function readSecretValues(contents: string): Reading<Readonly<Record<string, Json>>> {
  const wrong = (message: string) =>
    refuse<Readonly<Record<string, Json>>>(
      'chart-values-invalid',
      message,
      'Write it like the values.yaml of a chart: one map of YAML.',
    )
  const documents = parseAllDocuments(withoutMark(contents), { logLevel: 'silent', prettyErrors: false })
  const [document, another] = Array.isArray(documents) ? documents : []
  if (!document || another) return wrong('it is not one document of YAML')
  const [error] = document.errors
  if (error) return wrong(`it is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`)
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key') node.value = chartScalar(node)
    },
  })
  try {
    const read = z.record(z.string(), z.json()).safeParse(document.toJS({ maxAliasCount: 100 }))
    return read.success ? { ok: true, value: read.data } : wrong('it is no map of values')
  } catch {
    return wrong('aliases inside of aliases, or too many of them')
  }
}

/** In base64: the first bytes of whatever gzip writes. */
function readPacked(contents: string): Reading<string> {
  const files = readFolderArchive(contents, chartFolder)
  if (files.ok && !files.value.some(({ path }) => /^(?:[^/]+\/)?Chart\.yaml$/.test(path)))
    return refuse('chart-no-archive', 'there is no Chart.yaml in it', 'Name the folder or the archive of a chart.')
  if (contents.startsWith('H4sI')) return { ok: true, value: contents }
  return refuse(
    'chart-no-archive',
    'it is no packed chart: it is not compressed by gzip',
    'Pack the chart: helm package FOLDER writes NAME-VERSION.tgz, which is what to name.',
  )
}

/** The files that the platform of a cluster file names. */
export const platformFiles = (platform: PlatformSpec | undefined): KeyFile[] => [
  ...(platform?.image_pull_secret === undefined
    ? []
    : [{ file: platform.image_pull_secret, kind: pullSecretFile, path: ['spec', 'platform', 'image_pull_secret'] }]),
  ...(platform?.charts ?? []).flatMap((chart, index) => filesOf(chart, ['spec', 'platform', 'charts', index])),
  ...Object.keys(platform?.components ?? {}).flatMap(name => ofComponent(name, settingsOf(platform ?? {}, name) ?? {})),
]

function ofComponent(name: string, set: ComponentSettings): readonly KeyFile[] {
  const path = ['spec', 'platform', 'components', name]
  const component = catalogue.find(one => one.name === name)
  return [...filesOf(set, path), ...(component?.files?.(ownSettings({ component, set }), path) ?? [])]
}

type Wish = { readonly [Key in keyof ChartWish]?: ChartWish[Key] | undefined }

/** Of a chart, or of a component whose chart is another one than the usual. */
function filesOf({ chart, secret_values, ...source }: Wish, path: Path): KeyFile[] {
  const packed = chart === undefined ? null : sourceOf({ chart, ...source })
  return [
    ...(packed?.kind === 'file' ? [{ file: packed.file, kind: packedChart, path: [...path, 'chart'] }] : []),
    ...(secret_values === undefined
      ? []
      : [{ file: secret_values, kind: secretValues, path: [...path, 'secret_values'] }]),
  ]
}
