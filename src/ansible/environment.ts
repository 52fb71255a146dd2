import { join } from 'node:path'
import { shellQuote } from '../hosts/remoteCommand.ts'
import { cacheFolder } from '../processes/cacheFolder.ts'
import { type AnsibleTools, ansibleFolder } from './tools.ts'

/** Playbooks of somebody else's, in their own folder, with the Ansible that they ask for. */
export interface ForeignPlaybooks {
  readonly tools: AnsibleTools
  /** Where their `roles` and `library` are. */
  readonly folder: string
  /** Private; keeps what was learnt of the hosts for the plays that share it. Default: each play learns it anew. */
  readonly facts?: string
}

export interface PlayEnvironment {
  /** Folder of this play alone, 0700, in memory. */
  readonly directory: string
  readonly sshConfig: string
  readonly forks: number
  readonly colour: boolean
  readonly foreign?: ForeignPlaybooks
}

/** All that Ansible is told by its environment. Settings of the user (ansible.cfg, ANSIBLE_*) do not reach a play. */
export function playEnvironment({
  directory,
  sshConfig,
  forks,
  colour,
  foreign,
}: PlayEnvironment): Record<string, string> {
  return {
    ANSIBLE_CONFIG: join(ansibleFolder, 'ansible.cfg'),
    ANSIBLE_HOME: join(directory, 'home'),
    ANSIBLE_LOCAL_TEMP: join(directory, 'tmp'),
    ANSIBLE_COLLECTIONS_SCAN_SYS_PATH: 'false',
    ANSIBLE_FORKS: String(forks),
    ANSIBLE_SSH_ARGS: `-F ${shellQuote(sshConfig)}`,
    ...(colour ? { ANSIBLE_FORCE_COLOR: 'true' } : { ANSIBLE_NOCOLOR: 'true' }),
    SLIPWAY_YAML_CACHE: join(cacheFolder(), 'ansible-yaml'),
    SLIPWAY_EXPECTED: join(directory, 'expected.json'),
    SLIPWAY_EVENTS_FD: '3',
    ...(foreign && foreignEnvironment(foreign)),
  }
}

/**
 * What playbooks that were written for Ansible's defaults count on. Whatever their own ansible.cfg says stays unread: that
 * of Kubespray turns the check of host keys off, and keeps facts of all clusters in one folder.
 */
const foreignEnvironment = ({ folder, facts }: ForeignPlaybooks): Record<string, string> => ({
  SLIPWAY_FOREIGN: '1',
  ANSIBLE_GATHERING: 'smart',
  ANSIBLE_INJECT_FACT_VARS: 'true',
  ANSIBLE_COLLECTIONS_SCAN_SYS_PATH: 'true',
  ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS: 'ignore',
  ANSIBLE_ROLES_PATH: join(folder, 'roles'),
  ANSIBLE_LIBRARY: join(folder, 'library'),
  ANSIBLE_ACTION_PLUGINS: join(folder, 'plugins', 'action'),
  ANSIBLE_DISPLAY_SKIPPED_HOSTS: 'false',
  // s. Networks of hosts are set up anew meanwhile.
  ANSIBLE_TIMEOUT: '60',
  ...(facts !== undefined && { ANSIBLE_CACHE_PLUGIN: 'jsonfile', ANSIBLE_CACHE_PLUGIN_CONNECTION: facts }),
})

/** Python that runs modules on a host, and variables set for it. */
export interface HostPython {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Takes `/usr/bin/env NAME=value … /path/to/python` apart: Ansible quotes an interpreter as one word, so the variables
 * have to travel as the play's environment.
 */
export function hostPython(command: string): HostPython {
  const words = command.split(' ').filter(Boolean)
  if (words[0] === '/usr/bin/env') words.shift()
  const path = words.pop()
  const pairs = words.map(word => /^([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_.:@/-]*)$/.exec(word))
  if (!path?.startsWith('/') || pairs.includes(null)) throw new RangeError(`not a Python command: ${command}`)
  return { path, environment: Object.fromEntries(pairs.map(pair => [pair?.[1] ?? '', pair?.[2] ?? ''])) }
}
