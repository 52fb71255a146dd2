import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { address6Of, addressOf } from './addresses.ts'
import { writeCloudInit } from './cloud-init/tree.ts'
import { type Guest, readGuest, writeGuest } from './guest.ts'
import { hostFolder, labFolder } from './places.ts'
import { run } from './process.ts'
import type { HostRecord, LabRecord } from './record.ts'

/** Keys, passwords and names: what makes a copy of the root file system this host and no other. */
export const sudoUser = 'admin'
export const keyFile = (lab: string): string => join(labFolder(lab), 'id')
export const knownHostsFile = (lab: string): string => join(labFolder(lab), 'known_hosts')
export const sshConfigFile = (lab: string): string => join(labFolder(lab), 'ssh_config')
export const sudoPasswordFile = (lab: string): string => join(labFolder(lab), 'sudo_password')

/** Files in the lab's folder that a saved lab keeps. */
export const labSecrets = ['id', 'id.pub', 'sudo_password']

/** The lab's own secrets: the key that opens all its hosts, and the password that sudo asks `admin` for. */
export async function makeLabSecrets(lab: string): Promise<void> {
  if (!existsSync(keyFile(lab))) await makeKey(keyFile(lab), `lab ${lab}`)
  if (!existsSync(sudoPasswordFile(lab))) {
    writeFileSync(sudoPasswordFile(lab), `${randomBytes(9).toString('base64url')}\n`, { mode: 0o600 })
  }
}

/** What a fresh disk of the host is given at its first boot. `renew`: as after re-imaging, nothing stays but the name. */
export async function seedHost(lab: LabRecord, host: HostRecord, renew = false): Promise<void> {
  const seed = join(hostFolder(lab.name, host.name), 'seed')
  const guest = readGuest(seed)
  if (renew) rmSync(seed, { recursive: true, force: true })
  if (existsSync(join(seed, 'password'))) return
  mkdirSync(seed, { recursive: true, mode: 0o700 })
  rmSync(join(seed, 'ssh_host_ed25519_key'), { force: true })
  await makeKey(join(seed, 'ssh_host_ed25519_key'), `root@${host.name}`)
  const machineId = createHash('md5').update(randomBytes(32)).digest('hex')
  writeFileSync(join(seed, 'machine-id'), `${machineId}\n`)
  if (guest) {
    seedGuest(seed, guest)
    return
  }
  writeFileSync(join(seed, 'hostname'), `${host.name}\n`)
  writeFileSync(join(seed, 'authorized_keys'), readFileSync(`${keyFile(lab.name)}.pub`))
  const input = readFileSync(sudoPasswordFile(lab.name), 'utf8')
  const { stdout: encrypted } = await execa('openssl', ['passwd', '-6', '-stdin'], { input })
  // Written last: a seed with a password is complete.
  writeFileSync(join(seed, 'password'), `${sudoUser}:${encrypted}\n`, { mode: 0o600 })
}

/** As an image has it: nobody can log in until cloud-init has done what the user data says. */
function seedGuest(seed: string, guest: Guest): void {
  rmSync(join(seed, 'files'), { recursive: true, force: true })
  writeGuest(seed, guest)
  writeCloudInit(join(seed, 'files'), guest)
  writeFileSync(join(seed, 'hostname'), 'localhost\n')
  writeFileSync(join(seed, 'authorized_keys'), '')
  writeFileSync(join(seed, 'password'), `${sudoUser}:*\n`, { mode: 0o600 })
}

async function makeKey(file: string, comment: string): Promise<void> {
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file)
}

const loopback = ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback']

/** /etc/hosts of a fresh image; cloud-init adds the machine's own name, and the rest is its own matter. */
export const loopbackNames = `${loopback.join('\n')}\n`

/** /etc/hosts of the lab's own hosts. */
export function hostsFile(lab: LabRecord): string {
  const lines = [...loopback]
  for (const host of lab.hosts) {
    lines.push(`${addressOf(lab, host)} ${host.name}`)
    const address6 = address6Of(lab, host)
    if (address6 && host.place !== 'inside') lines.push(`${address6} ${host.name}`)
  }
  return `${lines.join('\n')}\n`
}

/** known_hosts and ssh_config, so that `ssh -F ssh_config HOST` just works, also through the jump host. */
export function writeClientFiles(lab: LabRecord): void {
  const known: string[] = []
  const config = ['Host *', '  User root', `  IdentityFile ${keyFile(lab.name)}`, '  IdentitiesOnly yes']
  config.push(`  UserKnownHostsFile ${knownHostsFile(lab.name)}`, '  GlobalKnownHostsFile /dev/null')
  config.push('  StrictHostKeyChecking yes', '  LogLevel ERROR')
  for (const host of lab.hosts) {
    const names = [host.name, addressOf(lab, host), address6Of(lab, host)].filter(name => name !== null)
    const key = readFileSync(join(hostFolder(lab.name, host.name), 'seed/ssh_host_ed25519_key.pub'), 'utf8')
    known.push(`${names.join(',')} ${key.split(' ').slice(0, 2).join(' ')}`)
    config.push(`Host ${host.name}`, `  HostName ${addressOf(lab, host)}`)
    if (host.place === 'inside') config.push(`  ProxyJump ${lab.hosts.find(other => other.place === 'jump')?.name}`)
  }
  writeFileSync(knownHostsFile(lab.name), `${known.join('\n')}\n`, { mode: 0o600 })
  writeFileSync(sshConfigFile(lab.name), `${config.join('\n')}\n`, { mode: 0o600 })
}
