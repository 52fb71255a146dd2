import { z } from 'zod'
import { command, quoted, written } from './shell.ts'
import { authorize, type DefaultUser, Users, usersScript } from './users.ts'

/** The modules of cloud-init that a lab host knows: each is a script made of its part of the configuration. */

export type Config = Readonly<Record<string, unknown>>

export interface Step {
  /** As cloud-init's log names it. */
  readonly name: string
  /** `init` is over before sshd answers; `final` follows it. */
  readonly stage: 'init' | 'final'
  /** Of bash, under `set -e`. */
  readonly script: string
}

const Files = z.array(
  z.looseObject({
    path: z.string(),
    content: z.union([z.string(), z.instanceof(Uint8Array)]).default(''),
    encoding: z.string().default('text/plain'),
    permissions: z.union([z.string(), z.number()]).default('0644'),
    owner: z.string().default('root:root'),
    append: z.boolean().default(false),
    defer: z.boolean().default(false),
  }),
)
type File = z.infer<typeof Files>[number]

const Commands = z.array(z.union([z.string(), z.array(z.union([z.string(), z.number()]))]))
const Keys = z.array(z.string())
const text = z.string().optional()
const Names = z.object({ hostname: text, fqdn: text, preserve_hostname: z.boolean().default(false) })
const Packages = z.array(z.unknown())

export interface Machine extends DefaultUser {
  /** What the provider calls the machine. */
  readonly hostname: string
  /** Keys of root, of the provider. */
  readonly rootKeys: readonly string[]
}

/** Name and script of every module that there is something to do for; its script throws where the configuration is not to be used. */
export function modulesOf(
  config: Config,
  machine: Machine,
): { name: string; stage: Step['stage']; script(): string }[] {
  const has = (key: string) => config[key] !== undefined && config[key] !== null
  const files = (deferred: boolean) => () =>
    Files.parse(config['write_files'])
      .filter(file => file.defer === deferred)
      .map(writeFile)
      .join('\n')
  const keys = () => (has('ssh_authorized_keys') ? Keys.parse(config['ssh_authorized_keys']) : [])
  return [
    ...(has('bootcmd') ? [{ name: 'bootcmd', stage: 'init' as const, script: () => commands(config['bootcmd']) }] : []),
    ...(has('write_files') ? [{ name: 'write_files', stage: 'init' as const, script: files(false) }] : []),
    { name: 'set_hostname', stage: 'init', script: () => hostname(Names.parse(config), machine.hostname) },
    {
      name: 'users_groups',
      stage: 'init',
      script: () =>
        usersScript(has('users') ? Users.parse(config['users']) : undefined, {
          ...machine,
          keys: [...machine.keys, ...keys()],
        }),
    },
    ...(machine.rootKeys.length > 0
      ? [{ name: 'ssh', stage: 'init' as const, script: () => authorize('root', machine.rootKeys) }]
      : []),
    ...(has('write_files') ? [{ name: 'write_files_deferred', stage: 'final' as const, script: files(true) }] : []),
    ...(has('packages')
      ? [
          {
            name: 'package_update_upgrade_install',
            stage: 'final' as const,
            script: () => packages(config['packages']),
          },
        ]
      : []),
    ...(has('runcmd')
      ? [{ name: 'scripts_user', stage: 'final' as const, script: () => commands(config['runcmd']) }]
      : []),
  ]
}

/** Whether a machine with this configuration gets a guest agent. */
export const asksForAgent = (config: Config): boolean => {
  const list = Packages.safeParse(config['packages'])
  return list.success && list.data.includes('qemu-guest-agent')
}

function hostname({ hostname, fqdn, preserve_hostname }: z.infer<typeof Names>, given: string): string {
  if (preserve_hostname) return ':'
  const name = (hostname ?? fqdn ?? given).split('.')[0] ?? given
  return `echo ${quoted(name)} > /etc/hostname\n${command('hostname', name)}\necho ${quoted(`127.0.1.1 ${name}`)} >> /etc/hosts`
}

function writeFile(file: File): string {
  const path = quoted(file.path)
  const mode = typeof file.permissions === 'number' ? file.permissions.toString(8) : file.permissions
  return [
    `mkdir -p "$(dirname ${path})"`,
    written(contentOf(file), `${file.append ? '>>' : '>'} ${path}`),
    `chmod ${quoted(mode)} ${path}`,
    `chown ${quoted(file.owner)} ${path}`,
  ].join('\n')
}

function contentOf({ content, encoding }: File): Buffer {
  const isCoded = /^(b64|base64)$/.test(encoding)
  if (typeof content !== 'string') return Buffer.from(content)
  if (/gz/.test(encoding)) throw new Error(`write_files: the lab knows no encoding ${encoding}`)
  return Buffer.from(content, isCoded ? 'base64' : 'utf8')
}

/** One script of all commands, as cloud-init makes it: a command that fails stops none, and the last one is its status. */
function commands(list: unknown): string {
  const lines = Commands.parse(list).map(line => (typeof line === 'string' ? line : command(...line.map(String))))
  return `${written(Buffer.from(`#!/bin/sh\n${lines.join('\n')}\n`), '> "$script"')}\nsh "$script"`
}

const packages = (list: unknown): string =>
  `echo ${quoted(
    `a lab host reaches no mirror; not installed: ${Packages.parse(list)
      .map(item => JSON.stringify(item))
      .join(' ')}`,
  )}`
