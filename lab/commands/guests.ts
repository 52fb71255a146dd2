import { existsSync, readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { stringify } from 'yaml'
import { hostnameIn } from '../cloud-init/userData.ts'
import { LabError } from '../errors.ts'
import type { GuestOptions } from '../guest.ts'
import { addGuest, removeGuest } from '../guests.ts'
import { addCommand, print, say } from './command.ts'

/** Machines of a lab that is up, one at a time: what the lab's stand-ins of providers call, and Terraform's provisioners. */
export function addGuests(program: Command): void {
  addCommand(
    program,
    'add <lab> <host>',
    "add one host to a lab that is up, as a provider's machine with cloud-init",
    'add demo m1 --user ops --public-key ~/.ssh/id_ed25519.pub',
    'add demo m1 --user-data user-data.yaml --address 10.201.7.99',
  )
    .option('--user-data <file>', "cloud-init's user data")
    .option('--meta-data <file>', "cloud-init's meta data, for the host name")
    .option('--hostname <name>', 'as the meta data would say it')
    .option('--user <name>', 'a user who logs in with the public key and may use sudo, in place of user data')
    .option('--public-key <key>', 'the key, or a file that has it')
    .option('--root-key <key...>', 'public keys of root')
    .option('--default-user <name>', 'the user that the image brings (default: debian)')
    .option('--address <address>', 'an address of the lab that is free', ipv4)
    .addHelpText('after', '\nThe same again is no change. Prints name, address and MAC as JSON.')
    .action(async (lab: string, host: string, options: AddOptions) => {
      print(JSON.stringify(await addGuest(lab, host, { ...guestIn(options, host), address: options.address })))
    })
  addCommand(
    program,
    'remove <lab> <host>',
    'pull the plug of a host that was added, and remove all of it',
    'remove demo m1',
  ).action(async (lab: string, host: string) => {
    if (!(await removeGuest(lab, host))) say(`lab ${lab} has no host ${host}: nothing to do`)
  })
}

interface AddOptions {
  userData?: string
  metaData?: string
  hostname?: string
  user?: string
  publicKey?: string
  rootKey?: string[]
  defaultUser?: string
  address?: string
}

function guestIn(options: AddOptions, host: string): GuestOptions {
  const { user, publicKey = '', metaData, userData, rootKey, defaultUser } = options
  const given = userData === undefined ? undefined : contentOf(userData)
  return {
    hostname: metaData === undefined ? options.hostname : hostnameIn(contentOf(metaData)),
    userData: given ?? (user === undefined ? undefined : userDataOf(user, publicKey, host)),
    rootKeys: rootKey,
    defaultUser,
  }
}

function contentOf(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  throw new LabError(`there is no file ${file}`, 'Give the path of one that there is.', { exitCode: 2 })
}

const userDataOf = (name: string, key: string, hostname: string): string => {
  const keys = (existsSync(key) ? contentOf(key) : key).trim().split('\n')
  const user = { name, shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys: keys }
  return `#cloud-config\n${stringify({ hostname, users: [user] })}`
}

function ipv4(text: string): string {
  if (/^10\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text)) return text
  throw new InvalidArgumentError('It must be an IPv4 address of the lab.')
}
