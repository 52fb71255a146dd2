import { z } from 'zod'
import { command, quoted } from './shell.ts'

/** Users of a machine, as cloud-init's module `users_groups` makes them. */

const words = z.union([z.string().transform(text => text.split(',').map(word => word.trim())), z.array(z.string())])
const rules = z.union([z.string().transform(rule => [rule]), z.array(z.string()), z.literal(false), z.null()])
const keys = z.union([z.string().transform(key => [key]), z.array(z.string())])
const flag = z.boolean().default(false)

const User = z.looseObject({
  name: z.string(),
  gecos: z.string().optional(),
  groups: words.optional(),
  primary_group: z.string().optional(),
  sudo: rules.optional(),
  doas: z.unknown().optional(),
  shell: z.string().optional(),
  homedir: z.string().optional(),
  uid: z.union([z.string(), z.number()]).optional(),
  system: flag,
  no_create_home: flag,
  lock_passwd: z.boolean().default(true),
  passwd: z.string().optional(),
  hashed_passwd: z.string().optional(),
  plain_text_passwd: z.string().optional(),
  ssh_authorized_keys: keys.optional(),
})
type User = z.infer<typeof User>

/** A list as in cloud-config; `default` is the image's own user. */
export const Users = z.array(z.union([z.string(), User]))

export interface DefaultUser {
  readonly name: string
  /** Keys that the provider or the top of the configuration gives it. */
  readonly keys: readonly string[]
}

/** Commands that make the users which are asked for; those of the image when there is no list. */
export function usersScript(users: z.infer<typeof Users> | undefined, standard: DefaultUser): string {
  const image: User = User.parse({
    name: standard.name,
    gecos: 'Default',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: '/bin/bash',
  })
  const wanted = (users ?? ['default']).map(user => {
    if (user === 'default') return { ...image, ssh_authorized_keys: [...standard.keys] }
    return typeof user === 'string' ? User.parse({ name: user }) : user
  })
  return wanted.map(makeUser).join('\n')
}

function makeUser(user: User): string {
  const { name } = user
  const options = [
    ...(user.gecos === undefined ? [] : ['--comment', user.gecos]),
    ...(user.groups === undefined ? [] : ['--groups', user.groups.join(',')]),
    ...(user.primary_group === undefined ? [] : ['--gid', user.primary_group]),
    ...(user.shell === undefined ? [] : ['--shell', user.shell]),
    ...(user.homedir === undefined ? [] : ['--home-dir', user.homedir]),
    ...(user.uid === undefined ? [] : ['--uid', String(user.uid)]),
    ...(user.system ? ['--system'] : []),
    user.no_create_home || user.system ? '--no-create-home' : '--create-home',
  ]
  const groups = [...(user.groups ?? []), ...(user.primary_group === undefined ? [] : [user.primary_group])]
  const lines = groups.map(group => `getent group ${quoted(group)} > /dev/null || ${command('groupadd', group)}`)
  lines.push(`id -u ${quoted(name)} > /dev/null 2>&1 || ${command('useradd', ...options, name)}`)
  const hash = user.hashed_passwd ?? user.passwd
  if (hash !== undefined) lines.push(`echo ${quoted(`${name}:${hash}`)} | chpasswd --encrypted`)
  if (user.plain_text_passwd !== undefined) lines.push(`echo ${quoted(`${name}:${user.plain_text_passwd}`)} | chpasswd`)
  if (user.lock_passwd) lines.push(command('passwd', '--quiet', '--lock', name))
  if (user.sudo) for (const rule of user.sudo) lines.push(sudoRule(name, rule))
  if (user.ssh_authorized_keys) lines.push(authorize(name, user.ssh_authorized_keys))
  return lines.join('\n')
}

function sudoRule(name: string, rule: string): string {
  const file = '/etc/sudoers.d/90-cloud-init-users'
  return `echo ${quoted(`${name} ${rule}`)} >> ${file}; chmod 440 ${file}; visudo --check --quiet --file=${file}`
}

/** Adds keys to those that a user has. */
export function authorize(name: string, given: readonly string[]): string {
  const place = `"$(getent passwd ${quoted(name)} | cut -d: -f6)/.ssh"`
  return [
    `folder=${place}`,
    `install -d -m 700 -o ${quoted(name)} -g "$(id -g ${quoted(name)})" "$folder"`,
    ...given.map(key => `echo ${quoted(key.trim())} >> "$folder/authorized_keys"`),
    `touch "$folder/authorized_keys"; chmod 600 "$folder/authorized_keys"`,
    `chown ${quoted(name)}: "$folder/authorized_keys"`,
  ].join('\n')
}
