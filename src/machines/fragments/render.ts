import { isAbsolute, join, resolve } from 'node:path'
import type { Machine } from '../../contract/machines.ts'
import { iniValue } from './iniValue.ts'

/** What an inventory needs to know of a machine, as the API tells it. */
export type ListedMachine = Pick<Machine, 'name' | 'addresses' | 'ssh' | 'host_key' | 'dotfiles_local_path'>

export type HostVariables = Readonly<Record<string, string | number | boolean>>

/** A machine as Ansible is to see it. */
export interface Fragment {
  readonly machine: string
  /** Null: it is in no inventory; `why` says it. */
  readonly host: HostVariables | null
  /** For people; empty for one that has a host. */
  readonly why: string
  /** Content of `inventory.d/NAME.ini`. */
  readonly text: string
}

/** Files of a folder for inventories, below it. */
export const files = {
  merged: 'inventory.ini',
  knownHosts: 'known_hosts',
  fragments: 'inventory.d',
  lock: '.inventory.lock',
} as const

export const fragmentFile = (machine: string): string => join(files.fragments, `${machine}.ini`)

/** First line of what was made by this command, so that it is told from what others have written. */
const mark = '# Made by slipway machine inventory; changes are lost.'
const begin = (machine: string): string => `# BEGIN slipway machine ${machine}`
const end = (machine: string): string => `# END slipway machine ${machine}`

export const isOurs = (text: string): boolean => text.startsWith(`${mark}\n`)
/** Whether a file of `inventory.d` is the fragment of a machine, also one that was cut off. */
export const isFragment = (text: string, machine: string): boolean =>
  text === begin(machine) || text.startsWith(`${begin(machine)}\n`)

/** Text of somebody else's fragment, by the name of its file. */
export interface ForeignFragment {
  readonly file: string
  readonly text: string
}

export interface Rendering {
  /** By name of the machine. */
  readonly fragments: readonly Fragment[]
  readonly foreign: readonly ForeignFragment[]
  readonly merged: string
  readonly knownHosts: string
}

/**
 * All inventories of a folder. Pure: the same machines give the same bytes, whoever writes them.
 * @param folder absolute path: the host keys in it are named by their path.
 */
export function renderInventories(
  folder: string,
  machines: readonly ListedMachine[],
  foreign: readonly ForeignFragment[] = [],
): Rendering {
  const sorted = machines.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const fragments = sorted.map(machine => fragmentOf(folder, machine))
  const merged = [
    mark,
    '# Host keys are pinned in known_hosts. Fragments of your own in inventory.d are taken in as they are.',
    '',
    '[vms]',
    ...fragments.map(({ text }) => text),
    ...foreign.flatMap(({ file, text }) => [`# BEGIN ${file}, which is not Slipway’s`, text, `# END ${file}`, '']),
  ]
  const keys = sorted.flatMap(({ host_key: lines }) => (lines === null ? [] : [lines]))
  return {
    fragments,
    foreign,
    merged: `${merged.join('\n').trimEnd()}\n`,
    knownHosts: `${[mark, ...keys].join('\n')}\n`,
  }
}

function fragmentOf(folder: string, machine: ListedMachine): Fragment {
  const { name } = machine
  const { host, why, line } = hostOf(folder, machine)
  const text = [begin(name), '[vms]', line, end(name), ''].join('\n')
  return { machine: name, host, why, text }
}

function hostOf(folder: string, machine: ListedMachine): Omit<Fragment, 'machine' | 'text'> & { line: string } {
  const left = (why: string) => ({ host: null, why, line: `# ${why}` })
  if (machine.ssh === null) return left('it is no host, or its settings are not known to this version of Slipway')
  const address = machine.addresses[0]
  if (address === undefined) return left('it has no address yet')
  const variables = variablesOf(folder, machine, machine.ssh, address)
  const words = Object.entries(variables).map(([key, value]) => [key, iniValue(value)] as const)
  const refused = words.find(([, word]) => word === null)
  if (refused) return left(`an INI file cannot carry its ${refused[0]}`)
  return { host: variables, why: '', line: [machine.name, ...words.map(([key, word]) => `${key}=${word}`)].join(' ') }
}

const variablesOf = (
  folder: string,
  { name, dotfiles_local_path: dotfiles }: ListedMachine,
  { user, port, key_file: key, jump }: NonNullable<ListedMachine['ssh']>,
  address: string,
): HostVariables => ({
  ansible_host: address,
  vm_name: name,
  ansible_user: user,
  ...(port !== 22 && { ansible_port: port }),
  ...(key !== null && { ansible_ssh_private_key_file: keyPath(folder, key) }),
  ansible_python_interpreter: '/usr/bin/python3',
  ...(dotfiles !== null && { dotfiles_local_path: dotfiles }),
  // Wins over a setting that ignores host keys.
  ansible_host_key_checking: true,
  ansible_ssh_common_args: sshWords(folder, name, jump),
})

/** A relative one lies beside the folder of the inventories, as the file that names it does; Ansible knows `~`. */
export const keyPath = (folder: string, key: string): string =>
  isAbsolute(key) || key.startsWith('~/') ? key : resolve(folder, '..', key)

/** Ansible splits them as a shell does; ssh takes what is in its quotes for one path, and expands percent signs in it. */
const sshWords = (folder: string, name: string, jump: readonly string[]): string =>
  [
    `-o 'UserKnownHostsFile="${join(folder, files.knownHosts).replaceAll('%', '%%')}"'`,
    '-o GlobalKnownHostsFile=none',
    '-o StrictHostKeyChecking=yes',
    `-o HostKeyAlias=${name}`,
    // Their keys are those that the user's own ssh knows: it takes no other file for them.
    ...(jump.length > 0 ? [`-o ProxyJump=${jump.join(',')}`] : []),
  ].join(' ')

/** Why the path of a folder cannot stand in an inventory; null: it can. */
export const folderFault = (folder: string): string | null =>
  /['"\\$\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|\{\{|\{%|\{#/u.test(folder)
    ? 'its path holds a quote, a backslash, a dollar sign, a line break or what Ansible takes for a template'
    : null
