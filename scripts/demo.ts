import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { type RunningServer, untilListening } from '../test/listening.ts'

/**
 * The product on one screen: boots lab hosts, starts `slipway serve`, applies the example and shows the nodes as the new
 * cluster's own API reports them. Stays up until Ctrl-C; without a terminal (or with CI=true) it checks, cleans up, ends.
 */
const root = resolve(import.meta.dirname, '..')
const work = join(root, '.lab', 'demo')
const names = ['m1', 'm2', 'm3', 'w1', 'w2']
const attended = process.stdout.isTTY === true && process.env['CI'] !== 'true'
const environment = { ...process.env, SLIPWAY_HOME: join(work, 'home') }
const slipway = join(root, 'bin/slipway')
const lab = join(root, 'lab/lab')

const labJson = z.object({
  hosts: z.array(z.object({ name: z.string(), address: z.string(), key_file: z.string() })),
  artifact_url: z.string(),
})
const labsJson = z.array(z.object({ name: z.string(), owner_pid: z.int().nullable() }))
const nodesJson = z.object({
  items: z.array(
    z.object({ status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }) }),
  ),
})

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

let server: RunningServer | undefined
try {
  await demo()
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(`[demo] ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
} finally {
  say('taking everything down')
  await server?.stop()
  if (await ownsLab()) {
    await output(lab, ['down', '--name', 'demo'])
    await rm(work, { recursive: true, force: true })
  }
}

async function demo(): Promise<void> {
  say('booting 5 lab hosts')
  const up = ['up', '--name', 'demo', '--names', names.join(','), '--owner-pid', String(process.pid), '-o', 'json']
  const hosts = labJson.parse(JSON.parse(await output(lab, up)))
  // Only now: until then this could be the folder of a demo that runs.
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const file = await clusterFile(hosts)
  say('starting slipway serve')
  server = await serve()
  say(`slipway apply -f examples/demo/cluster.yaml (with the lab's addresses: ${file})`)
  await show(slipway, ['apply', '-f', file, '--yes'])
  const kubeconfig = join(work, 'kubeconfig')
  await writeFile(kubeconfig, await output(slipway, ['kubeconfig', 'demo']), { mode: 0o600 })
  await chmod(kubeconfig, 0o600)
  say('the nodes, as the cluster’s own API reports them:')
  const kubectl = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway/lab/kubernetes/bin/kubectl')
  await show(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'wide'])
  const nodes = nodesJson.parse(
    JSON.parse(await output(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'json'])),
  )
  const ready = nodes.items.filter(node =>
    node.status.conditions.some(condition => condition.type === 'Ready' && condition.status === 'True'),
  )
  if (ready.length !== names.length) throw new Error(`${ready.length} of ${names.length} nodes are ready`)
  say(`kubeconfig: ${kubeconfig}`)
  say(`server: ${server.url}   (SLIPWAY_HOME=${environment.SLIPWAY_HOME})`)
  if (!attended) return say('all 5 nodes are ready')
  say(`up until Ctrl-C; try, in another terminal: SLIPWAY_HOME=${environment.SLIPWAY_HOME} bin/slipway nodes demo`)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
}

/** Whether the lab is this demo's, also half made: one of the name that somebody else has was refused. */
async function ownsLab(): Promise<boolean> {
  const labs = labsJson.parse(JSON.parse(await output(lab, ['list', '-o', 'json'])))
  return labs.some(({ name, owner_pid }) => name === 'demo' && owner_pid === process.pid)
}

/** The example with the addresses, key and release URL that this lab has. */
async function clusterFile(hosts: z.infer<typeof labJson>): Promise<string> {
  const document = parseDocument(await readFile(join(root, 'examples/demo/cluster.yaml'), 'utf8'))
  for (const [index, name] of names.entries())
    document.setIn(['spec', 'nodes', index, 'internal_ip'], hosts.hosts.find(host => host.name === name)?.address)
  document.setIn(['spec', 'ssh', 'key_file'], hosts.hosts[0]?.key_file)
  document.setIn(['spec', 'artifact_url'], hosts.artifact_url)
  const file = join(work, 'cluster.yaml')
  await writeFile(file, document.toString())
  return file
}

/** Its log goes to a file where it would stand between the lines of the live view. */
function serve(): Promise<RunningServer> {
  const log = attended ? openSync(join(work, 'server.log'), 'a', 0o600) : 'inherit'
  return untilListening(
    spawn(slipway, ['serve', '--port', '0', '-o', 'json'], { env: environment, stdio: ['ignore', 'pipe', log] }),
  )
}

async function output(command: string, args: readonly string[]): Promise<string> {
  if (!existsSync(command)) throw new Error(`${command} is missing`)
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await Promise.all([text(child.stdout), finished(child, command)])
  return printed
}

async function show(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { env: environment, stdio: 'inherit', signal: stop.signal })
  await finished(child, command)
}

async function finished(child: ChildProcess, command: string): Promise<void> {
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
}

function say(message: string): void {
  console.error(`[demo] ${message}`)
}
