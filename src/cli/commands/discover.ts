import { localPath } from '../namedFolders.ts'
import { type Command, InvalidArgumentError } from 'commander'
import { type Discovered, discoveredShape } from '../../contract/discovery.ts'
import { type KeyFileKind, keyFileFault, loginFileKinds, maxKeyFileBytes } from '../../domain/clusterFile/keyFiles.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { shellWord, withFileName } from '../../domain/placeholders.ts'
import { readBounded, readStandardInput } from '../boundedRead.ts'
import { withServer } from '../client/withServer.ts'
import { findingLines } from '../failure.ts'
import { approveDifferences } from '../follow/approveDifferences.ts'
import { type Format, printData, printLine, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { differenceLines, discoveredLines } from '../view/discovered.ts'

interface DiscoverOptions {
  readonly output: Format
  readonly kubeconfig?: string
  readonly ssh?: SshAddress
  readonly keyFile?: string
  readonly sudo?: boolean
  readonly sudoPasswordFile?: string
  readonly yes?: boolean
  readonly approve?: string
  readonly dryRun?: boolean
}

interface SshAddress {
  /** As it was typed. */
  readonly typed: string
  readonly user?: string
  readonly host: string
  readonly port?: number
}

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('<name>', 'what the cluster is to be called here')
    .option('--kubeconfig <file>', 'how its API is reached; - is standard input')
    .option('--ssh <address>', '[USER@]HOST[:PORT] of one of its servers', sshAddress)
    .option('--key-file <file>', 'private key of that login; without it the SSH agent is used')
    .option('--sudo', 'become root by sudo; default: when the user is not root')
    .option('--no-sudo', 'never become root by sudo')
    .option('--sudo-password-file <file>', 'file that holds the sudo password')
    .option('--yes', 'take the differences as they are')
    .option('--approve <hash>', 'take the differences with this hash only')
    .option('--dry-run', 'show what would go on record, and record nothing')
    .addHelpText(
      'after',
      `
Puts a cluster on record that Slipway has not made: RKE2, K3s, kubeadm, Kubespray, EKS, GKE, AKS, DOKS and others. It only
reads, in the cluster and on its machines. With --kubeconfig the nodes are listed over the API, and can be drained and
uncordoned. With --ssh one RKE2 server tells who the cluster is and how its machines are configured: then status, apply,
scaling and the rest work on it as on one of Slipway's own. Without either a cluster that is on record is looked at again, the
way it was before; what has changed is shown, and goes on record when it is approved.

Examples:
  slipway discover prod --kubeconfig ~/.kube/config
  slipway discover prod --ssh root@10.0.0.11 --key-file ~/.ssh/id_ed25519
  slipway discover prod
  slipway discover prod --yes
`,
    )
    .action(async (name: string, options: DiscoverOptions) => {
      const request = await requestOf(name, options)
      process.exitCode = await withServer(surroundings, async ({ client }) => {
        const look = (approve: string | null, dry_run: boolean) =>
          client.post('/clusters/discover', { ...request, approve, dry_run }, discoveredShape)
        const found = await busy(`Looking at ${name}`, look(null, options.dryRun ?? false))
        for (const line of findingLines(found.findings.map(({ place: _place, ...finding }) => finding))) say(line)
        if (found.first || options.dryRun || found.differences.length === 0) return report(options.output, found)
        await approveDifferences(found, options, discoverCommand(name, options))
        return report(options.output, await busy(`Looking at ${name}`, look(found.hash, false)))
      })
    })
}

async function report(output: Format, found: Discovered): Promise<number> {
  if (output === 'json' || output === 'yaml') await printData(output, found)
  else for (const line of found.first ? discoveredLines(found) : differenceLines(found)) printLine(line)
  return exitCodes.done
}

async function requestOf(name: string, options: DiscoverOptions) {
  const { kubeconfig, ssh, keyFile, sudo, sudoPasswordFile } = options
  if (kubeconfig !== undefined && ssh) throw new SlipwayError('usage', '--kubeconfig and --ssh exclude each other')
  if (!ssh && (keyFile ?? sudo ?? sudoPasswordFile) !== undefined)
    throw new SlipwayError(
      'usage',
      '--key-file, --sudo and --sudo-password-file say how to log in, and --ssh is missing',
    )
  return {
    name,
    ...(kubeconfig !== undefined && { kubeconfig: await readText(kubeconfig) }),
    ...(ssh && {
      server: {
        host: ssh.host,
        ...(ssh.user !== undefined && { user: ssh.user }),
        ...(ssh.port !== undefined && { port: ssh.port }),
        ...(keyFile !== undefined && { key: await readSecret(keyFile, loginFileKinds.privateKey) }),
        ...(sudo !== undefined && { sudo }),
        ...(sudoPasswordFile !== undefined && {
          sudo_password: await readSecret(sudoPasswordFile, loginFileKinds.sudoPassword),
        }),
      },
    }),
  }
}

/** Characters; the server refuses longer ones. */
const longestKubeconfig = 1024 * 1024

async function readText(path: string): Promise<string> {
  const { bytes } =
    path === '-' ? await readStandardInput(longestKubeconfig) : await readBounded(path, longestKubeconfig, 'any')
  if (bytes.length > longestKubeconfig) throw new SlipwayError('kubeconfig-invalid', `${path}: it has more than 1 MiB`)
  return new TextDecoder().decode(bytes)
}

/** A file with a secret, under the path by which it is found from everywhere. */
async function readSecret(typed: string, kind: KeyFileKind): Promise<{ path: string; content: string }> {
  const path = localPath(process.cwd(), typed)
  const { bytes } = await readBounded(path, maxKeyFileBytes, 'regular')
  const fault = keyFileFault({ kind, file: path }, bytes)
  if (fault)
    throw new SlipwayError('file-unreadable', `${path}: ${fault.message}`, { remedy: withFileName(fault.remedy, path) })
  return { path, content: new TextDecoder().decode(bytes) }
}

function sshAddress(typed: string): SshAddress {
  const at = typed.lastIndexOf('@')
  const [user, address] = at < 0 ? [undefined, typed] : [typed.slice(0, at), typed.slice(at + 1)]
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address)
  // Several colons without brackets are an IPv6 address.
  const plain = /^([^:]+)(?::(\d+))?$/.exec(address)
  const [, host, port] = bracketed ?? plain ?? (address.includes(':') ? [address, address, undefined] : [])
  if (!host || user === '' || Number(port ?? 22) < 1 || Number(port ?? 22) > 65_535)
    throw new InvalidArgumentError('[USER@]HOST[:PORT] is needed; an IPv6 address with a port stands in brackets')
  return { typed, host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) }
}

/** What was typed, without the approval. */
function discoverCommand(name: string, { kubeconfig, ssh, keyFile, sudo, sudoPasswordFile }: DiscoverOptions): string {
  const option = (word: string, value: string | undefined) => (value === undefined ? [] : [word, shellWord(value)])
  return [
    'slipway discover',
    shellWord(name),
    ...option('--kubeconfig', kubeconfig),
    ...option('--ssh', ssh?.typed),
    ...option('--key-file', keyFile),
    ...(sudo === undefined ? [] : [sudo ? '--sudo' : '--no-sudo']),
    ...option('--sudo-password-file', sudoPasswordFile),
  ].join(' ')
}
