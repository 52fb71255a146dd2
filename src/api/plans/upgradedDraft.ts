import { storedFinding } from '../../contract/finding.ts'
import type { PlatformUpgrade } from '../../contract/operations.ts'
import { fileOf, keyFileFault } from '../../domain/clusterFile/keyFiles.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { upgraded } from '../../platform/edits/upgraded.ts'
import { platformOf } from '../../platform/spec.ts'
import type { Application } from '../application.ts'
import type { DesiredDraft } from './draft.ts'

/**
 * What is stored with another version of a component or chart.
 * @throws SlipwayError `usage`, or `cluster-file-invalid` with everything that is wrong.
 */
export function upgradedDraft(
  { distributions }: Application,
  stored: DesiredDraft,
  { component, files, ...wish }: PlatformUpgrade,
): DesiredDraft {
  const { version, chart, repository, digest } = wish
  if ([version, chart, repository, digest].every(one => one === null))
    throw new SlipwayError('usage', 'say what it is to be: version, chart, repository or digest')
  const { desired } = stored
  const isFile = wish.chart !== null && Object.hasOwn(files, wish.chart)
  const before = platformOf(desired.spec) ?? {}
  const changed = upgraded(before, component, wish, isFile)
  if (!changed.ok) throw invalid(component, changed.findings)
  const spec = { ...desired.spec, platform: changed.platform }
  const keyFiles = distributions.keyFilesOf(spec)
  const brought = keyFiles.filter(({ file }) => file === wish.chart)
  const [key] = brought
  const text = key && files[key.file]
  if (key && text !== undefined) {
    const fault = keyFileFault(key, fileOf(key.kind, text))
    if (fault) throw invalid(component, [{ ...fault, severity: 'error', about: key.file }])
    if (brought.length > 1 && stored.files[key.file] !== text) throw invalid(component, [sameName(key.file)])
  }
  const kept = text === undefined || !key ? stored.files : { ...stored.files, [key.file]: text }
  if (key && kept[key.file] === undefined) throw invalid(component, [notSent(key.file)])
  return { ...stored, desired: { ...desired, spec }, keyFiles, files: kept }
}

const sameName = (file: string): Finding => ({
  name: 'key-file-differs',
  severity: 'error',
  about: file,
  message: `another chart of the cluster is the file ${file}, with other contents`,
  remedy: 'Give this one a name of its own.',
})

const notSent = (file: string): Finding => ({
  name: 'key-file-missing',
  severity: 'error',
  about: file,
  message: `the contents of ${file} were not sent`,
  remedy: 'Send them in `files`, under this path. A chart of a repository needs its URL as `repository`.',
})

const invalid = (component: string, findings: readonly Finding[]): SlipwayError =>
  new SlipwayError('cluster-file-invalid', `${component}: ${findings[0]?.message ?? 'not valid'}`, {
    findings: findings.map(storedFinding),
    remedy: 'Fix what is listed, and do this again.',
  })
