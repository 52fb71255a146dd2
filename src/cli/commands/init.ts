import type { Command } from 'commander'
import { type Answerable, askQuestions } from '../ask.ts'
import { formats, newCluster } from '../../distributions/index.ts'
import type { TemplateAnswers, TemplateNode } from '../../domain/clusterFile/template.ts'
import { clusterName, hostname, loginName, nodeAddress } from '../../domain/names.ts'
import { readClusterFile } from '../../domain/clusterFile/clusterFile.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { isAttended, say } from '../terminal.ts'
import { writeText } from '../writeText.ts'

/** Until there are several to choose from. */
const { template } = newCluster

interface InitOptions {
  readonly file: string
  readonly name?: string
  readonly rke2Version?: string
  readonly user?: string
  readonly keyFile?: string
  readonly server: readonly TemplateNode[]
  readonly worker: readonly TemplateNode[]
  readonly force?: boolean
  readonly defaults?: boolean
}

export function define(command: Command): void {
  command
    .option('-f, --file <file>', 'file to write; - is standard output', 'cluster.yaml')
    .option('--name <name>', 'name of the cluster')
    .option('--rke2-version <version>', 'version to install, like v1.34.1+rke2r1')
    .option('--user <name>', 'login on the machines')
    .option('--key-file <file>', 'private SSH key; "agent" for the SSH agent')
    .option('--server <hostname=address>', 'a server, the initial master first (repeat it)', addNode, [])
    .option('--worker <hostname=address>', 'a worker (repeat it)', addNode, [])
    .option('--defaults', 'ask nothing')
    .option('--force', 'replace the file if there is one')
    .addHelpText(
      'after',
      `
On a terminal it asks for what the options don't say.

Examples:
  slipway init
  slipway init --name demo --server m1=10.0.0.11 --worker w1=10.0.0.21 --key-file ~/.ssh/id_ed25519
`,
    )
    .action(async (options: InitOptions) => {
      const given = fromOptions(options)
      const ask = isAttended() && options.defaults !== true && options.server.length === 0
      const text = template.text({ ...template.defaults, ...given, ...(ask ? await askAll(given) : {}) })
      const reading = readClusterFile(new TextEncoder().encode(text), options.file, formats)
      if (!reading.ok)
        throw new SlipwayError('usage', 'the answers do not make a valid cluster file', { findings: reading.findings })
      await writeText(options.file, text, { option: '-f', force: options.force === true })
      if (options.file !== '-') {
        const named = ask || options.server.length > 0
        const next = `slipway plan -f ${options.file}`
        say(`Wrote ${options.file}. Next: ${named ? '' : 'put in your machines, then '}${next}`)
      }
    })
}

function fromOptions(options: InitOptions): Partial<TemplateAnswers> {
  return {
    ...(options.name !== undefined && { name: options.name }),
    ...(options.rke2Version !== undefined && { version: options.rke2Version }),
    ...(options.user !== undefined && { user: options.user }),
    ...(options.keyFile !== undefined && { key_file: options.keyFile === 'agent' ? null : options.keyFile }),
    ...(options.server.length > 0 && { servers: options.server, workers: options.worker }),
  }
}

/** One question a setting that no option gave; machines are asked for by address only and get names in order. */
async function askAll(given: Partial<TemplateAnswers>): Promise<Partial<TemplateAnswers>> {
  const { name, version, user, key_file } = { ...template.defaults, ...given }
  const questions = {
    name: { question: 'Name of the cluster', initial: name, schema: clusterName },
    version: { question: 'RKE2 version', initial: version, schema: template.version },
    user: { question: 'Login on the machines', initial: user, schema: loginName },
    key_file: { question: 'Private SSH key ("agent" for the SSH agent)', initial: key_file ?? 'agent' },
    servers: { question: 'Addresses of the servers (one, three or five)', initial: '', each: nodeAddress, atLeast: 1 },
    workers: { question: 'Addresses of the workers (none is fine)', initial: '', each: nodeAddress },
  } satisfies Record<string, Answerable>
  const answers = await askQuestions(questions)
  return {
    name: answers.name,
    version: answers.version,
    user: answers.user,
    key_file: answers.key_file === 'agent' ? null : answers.key_file,
    servers: named('m', answers.servers),
    workers: named('w', answers.workers),
  }
}

const named = (letter: string, addresses: string): TemplateNode[] =>
  addresses
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((internal_ip, index) => ({ hostname: `${letter}${index + 1}`, internal_ip }))

function addNode(text: string, before: readonly TemplateNode[]): TemplateNode[] {
  const [name, address] = text.split('=')
  const parsed = { name: hostname.safeParse(name), address: nodeAddress.safeParse(address) }
  const wrong = parsed.name.error ?? parsed.address.error
  if (!parsed.name.success || !parsed.address.success)
    throw new SlipwayError('usage', `${text}: ${wrong?.issues[0]?.message ?? ''}`, {
      remedy: 'Write a machine as hostname=address, like m1=10.0.0.11.',
    })
  return [...before, { hostname: parsed.name.data, internal_ip: parsed.address.data }]
}
