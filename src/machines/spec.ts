import { z } from 'zod'
import { sshSettings } from '../domain/cluster.ts'
import type { FindingName } from '../domain/findingCatalogue.ts'
import { sshFiles } from '../domain/clusterFile/keyFilesOf.ts'
import type { CommonSpec, Provider, SettingsFault, SettingsFile } from './contract.ts'
import { providers } from './providers.ts'
import { cpus, disk, memory } from './sizes.ts'

/** What can be set of a machine; what its provider takes besides stands under that one's name. */
export const commonFields = {
  memory: memory.optional().describe('4GiB, 4096MiB; a number alone is MiB'),
  cpus: cpus.optional().describe('Number of virtual CPUs'),
  disk: disk.optional().describe('20GiB; a number alone is GiB'),
  image: z.string().min(1).max(2048).optional().describe('What its disk begins as; what it may be is its provider’s'),
  ssh: sshSettings.optional().describe('How it is reached, and whom it lets in'),
}

/** A machine's settings, read: a common part, and that of its provider. */
export interface MachineSpec extends CommonSpec {
  readonly provider: string
  readonly ssh?: z.output<typeof sshSettings> | undefined
  readonly settings: unknown
}

export type SpecReading =
  | {
      readonly ok: true
      readonly spec: MachineSpec
      readonly provider: Provider
      readonly files: readonly SettingsFile[]
    }
  | { readonly ok: false; readonly faults: readonly SettingsFault[] }

/**
 * Settings as they are written in a file or sent: `{provider, memory, …, libvirt: {…}}`. Everything that is wrong with them
 * is told at once. Pure.
 */
export function readMachineSpec(
  given: Readonly<Record<string, unknown>>,
  all: readonly Provider[] = providers,
): SpecReading {
  const names = all.map(({ name }) => name)
  const provider = all.find(({ name }) => name === given['provider'])
  if (!provider)
    return refused({
      name: 'machine-invalid',
      path: 'provider',
      message:
        given['provider'] === undefined
          ? 'it is not said who makes the machine'
          : `there is no provider ${JSON.stringify(given['provider'])}`,
      remedy: `Name one of: ${names.join(', ')}.`,
    })
  const shape = z.strictObject({
    provider: z.literal(provider.name),
    ...commonFields,
    [provider.name]: z.unknown().optional(),
  })
  const own = given[provider.name] ?? {}
  const parsed = shape.safeParse(given)
  const settings = provider.settings.safeParse(own)
  const faults = [
    ...faultsOf(parsed.error?.issues ?? [], ''),
    ...faultsOf(settings.error?.issues ?? [], `${provider.name}.`),
  ]
  if (!parsed.success || !settings.success) return { ok: false, faults }
  const { ssh, memory: mebibytes, cpus: count, disk: gibibytes, image } = parsed.data
  const common = { memory: mebibytes, cpus: count, disk: gibibytes, image }
  const found = [...commonFaults(provider, common), ...(provider.check?.(settings.data, common) ?? [])]
  if (found.length > 0) return { ok: false, faults: found }
  const spec: MachineSpec = {
    provider: provider.name,
    ...common,
    ...(ssh && { ssh }),
    settings: settings.data,
  }
  return { ok: true, spec, provider, files: filesOf(spec, provider) }
}

const refused = (...faults: readonly SettingsFault[]): SpecReading => ({ ok: false, faults })

/** The files that a machine's settings name. */
export const filesOf = (spec: MachineSpec, provider: Provider): readonly SettingsFile[] => [
  ...sshFiles(spec.ssh, ['ssh']).map(({ file, kind, path }) => ({ file, kind, path: path.join('.') })),
  ...(provider.files?.(spec.settings) ?? []),
]

const commonKeys = ['memory', 'cpus', 'disk', 'image'] as const

/** What the provider needs and was not given, or has no place for. */
const commonFaults = (provider: Provider, common: CommonSpec): readonly SettingsFault[] =>
  commonKeys.flatMap(key => {
    const given = common[key] !== undefined
    const takes = provider.takes[key]
    if (takes === undefined && given) return [fault(key, `${provider.name} does not take ${key}`, `Leave ${key} out.`)]
    if (takes === 'required' && !given)
      return [fault(key, `${provider.name} makes no machine without ${key}`, `Add ${key}, or --${key}.`)]
    return []
  })

const fault = (path: string, message: string, remedy: string): SettingsFault => ({
  name: 'machine-invalid' satisfies FindingName,
  path,
  message,
  remedy,
})

const faultsOf = (issues: readonly z.core.$ZodIssue[], below: string): readonly SettingsFault[] =>
  issues.flatMap(issue => {
    const path = below + issue.path.join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key =>
        fault(
          `${path === '' || path.endsWith('.') ? path : `${path}.`}${key}`,
          `${key} is no setting here`,
          'Remove it, or fix its name.',
        ),
      )
    const remedy = 'params' in issue ? issue.params?.['remedy'] : undefined
    return [fault(path, issue.message, typeof remedy === 'string' ? remedy : 'Fix this value.')]
  })

/** Settings as they are stored, and as `readMachineSpec` takes them. */
export const writtenSpec = ({ settings, ...spec }: MachineSpec): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify({ ...spec, [spec.provider]: settings }))
