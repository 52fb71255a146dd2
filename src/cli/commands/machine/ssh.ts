import type { Command } from 'commander'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type MachineDetail, machineDetailShape } from '../../../contract/machines.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { readMachineName } from '../../../domain/machine.ts'
import { runAttached } from '../../../processes/runAttached.ts'
import { withServer } from '../../client/withServer.ts'
import type { Surroundings } from '../../surroundings.ts'

export function defineSsh(group: Command, surroundings: Surroundings): void {
  group
    .command('ssh')
    .description('log in to a machine, or run a command on it')
    .argument('<name>', 'name of the machine')
    .argument('[command...]', 'what to run there, after --')
    .addHelpText(
      'after',
      `
Starts ssh with the machine's address, its login and its key, and with the host key that was pinned at its first contact: another
one is refused, whatever your own known_hosts says. It ends with the exit code of ssh.

Examples:
  slipway machine ssh dev-vm
  slipway machine ssh dev-vm -- uptime
`,
    )
    .action(async (word: string, command: string[]) => {
      const path = `/machines/${encodeURIComponent(readMachineName(word))}`
      const machine = await withServer(surroundings, ({ client }) => client.get(path, machineDetailShape), 'looks')
      const folder = await mkdtemp(join(tmpdir(), 'slipway-ssh-'))
      try {
        const knownHosts = join(folder, 'known_hosts')
        await writeFile(knownHosts, `${pinnedKeys(machine)}\n`, { mode: 0o600 })
        process.exitCode = await runAttached('ssh', await sshArguments(machine, knownHosts, command))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
}

/** @throws SlipwayError `machine-unanswered` for one that nobody has been on yet. */
function pinnedKeys({ name, host_key: pinned }: MachineDetail): string {
  if (pinned !== null) return pinned
  throw new SlipwayError('machine-unanswered', `machine ${name} has never let anybody in: its host key is not known`, {
    facts: { machine: name },
    remedy: `Make it to its end first: slipway machine create ${name}.`,
  })
}

async function sshArguments(
  { name, addresses, ssh }: MachineDetail,
  knownHosts: string,
  command: readonly string[],
): Promise<readonly string[]> {
  const [address] = addresses
  if (address === undefined || ssh === null)
    throw new SlipwayError('machine-unanswered', `machine ${name} has no address on record`, {
      facts: { machine: name },
    })
  const key = ssh.key_file === null ? null : resolve(ssh.key_file)
  // Its contents are stored here as well, but another user's files are none of ours: then the agent may have it.
  const isThere = key !== null && (await stat(key).catch(() => null)) !== null
  const options = [
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${name}`,
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    `Port=${ssh.port}`,
    `User=${ssh.user}`,
    ...(isThere ? [`IdentityFile=${JSON.stringify(key)}`, 'IdentitiesOnly=yes'] : []),
    ...(ssh.jump.length > 0 ? [`ProxyJump=${ssh.jump.join(',')}`] : []),
  ]
  return [...options.flatMap(option => ['-o', option]), '--', address, ...command]
}
