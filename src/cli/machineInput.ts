import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Finding, SlipwayError } from '../domain/errors.ts'
import { readMachineName } from '../domain/machine.ts'
import { type MachinesFile, readMachinesFile } from '../machines/machinesFile.ts'
import { providerFaults } from '../machines/providers.ts'
import { readMachineSpec } from '../machines/spec.ts'
import { readWritten } from './clusterFileInput.ts'
import { localPath } from './namedFolders.ts'
import { say } from './terminal.ts'
import { readKeyFile } from './keyFileInput.ts'

/** Settings as they are typed. */
export interface GivenSettings {
  readonly provider?: string
  readonly memory?: string
  readonly cpus?: string
  readonly disk?: string
  readonly image?: string
  readonly user?: string
  readonly keyFile?: string
  readonly dotfiles?: string
  readonly set: readonly string[]
}

/** A machine with everything that its settings name, as the API takes it. */
export interface MachineInput {
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, string>>
}

/**
 * Machines of a file, of names, or of both: what is typed wins over the file.
 * @throws SlipwayError `usage`, `file-unreadable`, `machine-invalid` with everything that is wrong.
 */
export async function readMachineInputs(
  names: readonly string[],
  path: string | undefined,
  given: GivenSettings,
): Promise<readonly MachineInput[]> {
  const file = path === undefined ? null : await readFile(path)
  const wanted = names.length > 0 ? names : (file?.file.machines.map(({ name }) => name) ?? [])
  const typed = typedSpec(given)
  for (const fault of providerFaults) say(`provider left out: ${fault}`)
  const read = await Promise.all(
    wanted.map(async word => {
      const name = readMachineName(word)
      const listed = file?.file.machines.find(one => one.name === name)?.spec ?? file?.file.defaults ?? {}
      return inputOf(name, await withKey(merged(listed, typed)), file?.folder ?? process.cwd())
    }),
  )
  const findings = read.flatMap(one => one.findings)
  if (findings.some(({ severity }) => severity === 'error')) throw invalid(findings)
  return read.map(({ name, spec, files }) => ({ name, spec, files }))
}

async function readFile(path: string): Promise<{ readonly file: MachinesFile; readonly folder: string }> {
  const name = path === '-' ? 'standard input' : path
  const { bytes, folder } = await readWritten(path, name)
  const reading = readMachinesFile(bytes, name)
  if (!reading.ok) throw invalid(reading.findings)
  return { file: reading.file, folder }
}

async function inputOf(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<MachineInput & { readonly findings: readonly Finding[] }> {
  const reading = readMachineSpec(spec)
  const about = (path: string) => `machine ${name}${path === '' ? '' : `: ${path}`}`
  if (!reading.ok)
    return {
      name,
      spec,
      files: {},
      findings: reading.faults.map(({ name: finding, path, message, remedy }) => ({
        name: finding,
        severity: 'error' as const,
        about: about(path),
        message,
        remedy,
      })),
    }
  const files = await Promise.all(
    reading.files.map(({ file, path, kind }) =>
      readKeyFile({ file, kind, path: path.split('.') }, folder, {
        findingAt: (_path, found, severity = 'error') => ({ ...found, severity, about: about(path) }),
      }),
    ),
  )
  return {
    name,
    spec,
    files: Object.fromEntries(files.map(({ file, text }) => [file, text])),
    findings: files.flatMap(one => one.findings),
  }
}

/** @throws SlipwayError `usage` for a --set that is not KEY=VALUE. */
function typedSpec({ provider, memory, cpus, disk, image, user, keyFile, dotfiles, set }: GivenSettings) {
  const settings = Object.fromEntries(
    set.map(word => {
      const at = word.indexOf('=')
      if (at < 1) throw new SlipwayError('usage', `--set ${word}: a setting is given as KEY=VALUE`)
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
  // No file says what a typed path is relative to.
  const ssh = defined({ user, key_file: keyFile === undefined ? keyFile : localPath(process.cwd(), keyFile) })
  return {
    common: defined({ provider, memory, cpus, disk, image, dotfiles_local_path: dotfiles }),
    ...(Object.keys(ssh).length > 0 && { ssh }),
    settings,
  }
}

const defined = (given: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))

function merged(
  listed: Readonly<Record<string, unknown>>,
  { common, ssh, settings }: ReturnType<typeof typedSpec>,
): Readonly<Record<string, unknown>> {
  const spec: Record<string, unknown> = { ...listed, ...common }
  if (ssh) spec['ssh'] = { ...(spec['ssh'] as object | undefined), ...ssh }
  const { provider } = spec
  if (typeof provider === 'string' && Object.keys(settings).length > 0)
    spec[provider] = { ...(spec[provider] as object | undefined), ...settings }
  return spec
}

/** Keys that OpenSSH looks for by itself, in its order. */
const usualKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** A machine lets in whose key it was given: where none is named, the one that ssh would take. */
async function withKey(spec: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const ssh = spec['ssh'] as Readonly<Record<string, unknown>> | undefined
  if (ssh?.['key_file'] !== undefined) return spec
  for (const name of usualKeys) {
    const path = join(homedir(), '.ssh', name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return { ...spec, ssh: { ...ssh, key_file: path } }
  }
  return spec
}

const invalid = (findings: readonly Finding[]): SlipwayError => {
  const { length } = findings.filter(({ severity }) => severity === 'error')
  return new SlipwayError('machine-invalid', `${length} ${length === 1 ? 'error' : 'errors'} in the settings`, {
    findings,
  })
}
