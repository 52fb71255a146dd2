import { type Command, Option } from 'commander'
import { once } from 'node:events'
import { type RunDetail, runDetailShape, runShape } from '../../contract/runs.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { type Client } from '../client/client.ts'
import { withServer } from '../client/withServer.ts'
import { runsOf } from '../runsOf.ts'
import { followLog } from '../follow/followLog.ts'
import { lineFilter } from '../follow/lineFilter.ts'
import { takeSignals } from '../signals.ts'
import type { Surroundings } from '../surroundings.ts'
import { paintData, printableLines, say } from '../terminal.ts'
import { logText } from '../view/logText.ts'
import { pageOf } from '../../contract/page.ts'
import type { LogPiece } from '../../contract/events.ts'

interface LogOptions {
  readonly follow?: boolean
  readonly stage?: string
  readonly host?: string
  readonly machine?: string
  readonly output: 'text' | 'json'
}

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('[run]', 'id of a run, or a cluster for its newest run')
    .option('--machine <name>', 'the newest run of this machine')
    .option('-f, --follow', 'go on until the run ends')
    .option('--stage <key>', 'only this stage, like rke2/join:m2')
    .option('--host <hostname>', 'only lines that name this host')
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
What is printed can be read by itself, in a file as well: a line "── STAGE" stands where another stage or attempt begins.
With -o json there are no such lines: every line is a piece of the log as the API gives it (stage, attempt, text).

Examples:
  slipway logs -f demo
  slipway logs bcdf2345gh --stage rke2/join:m2
  slipway logs demo > demo.log
  slipway logs --machine w4
  slipway logs demo -o json | jq -r 'select(.stage == "rke2/finish").text'
`,
    )
    .action(async (name: string | undefined, options: LogOptions) => {
      process.exitCode = await withServer(
        surroundings,
        ({ client }) => printLog(client, name, options),
        options.follow ? 'acts' : 'looks',
      )
    })
}

async function printLog(client: Client, name: string | undefined, options: LogOptions): Promise<number> {
  const { follow = false, stage, host, machine, output } = options
  const run = await runNamed(client, name, machine)
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  const query = { run: run.id, follow, ...(stage !== undefined && { stage: stageOf(run, stage) }) }
  const keep = host === undefined ? (piece: LogPiece) => piece.text : lineFilter(host)
  const names = new Map(run.stages.map(({ key, name: called }) => [key, called]))
  const asText = logText(names, line => paintData('dim', line))
  for await (const piece of followLog(client, query, stop.signal, () => say('The server was lost; looking for it …'))) {
    const text = keep(piece)
    if (output === 'json') await write(text === '' ? '' : `${JSON.stringify({ ...piece, text })}\n`)
    // A file gets every byte; a terminal is not steered by what a host has written.
    else await write(asText(piece, process.stdout.isTTY ? printableLines(text) : text))
  }
  release()
  return stop.signal.aborted ? exitCodes.interrupted : exitCodes.done
}

async function write(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** @throws SlipwayError `not-found` with the stages that there are. */
function stageOf({ id, stages }: RunDetail, wanted: string): string {
  const found =
    stages.find(({ key, name }) => key === wanted || name === wanted) ??
    stages.find(({ key }) => key.endsWith(`/${wanted}`))
  if (found) return found.key
  const told = stages.map(({ key, name }) => (name === key ? key : `${key} (${name})`))
  throw new SlipwayError('not-found', `run ${id} has no stage ${wanted}`, { remedy: `It has: ${told.join('; ')}.` })
}

/** A run by its id, or the newest of a cluster or a machine by its name. @throws SlipwayError `usage`, `not-found`. */
async function runNamed(client: Client, name: string | undefined, machine: string | undefined): Promise<RunDetail> {
  const of = runsOf(name, machine)
  if (of === null)
    throw new SlipwayError('usage', 'it is not said of which run', {
      remedy: 'Name a run, a cluster, or a machine: --machine NAME.',
    })
  const run = name === undefined ? null : await findRun(client, name)
  if (run) return run
  const { items } = await client.get(`${of}/runs?limit=1`, pageOf(runShape))
  const [newest] = items
  if (newest) return client.get(`/runs/${newest.id}`, runDetailShape)
  throw new SlipwayError(
    'not-found',
    `${machine === undefined ? `cluster ${name}` : `machine ${machine}`} has no run yet`,
  )
}

/** Null: it is no run's id. */
async function findRun(client: Client, id: string): Promise<RunDetail | null> {
  try {
    return await client.get(`/runs/${encodeURIComponent(id)}`, runDetailShape)
  } catch (error) {
    if (error instanceof SlipwayError && ['not-found', 'usage'].includes(error.code)) return null
    throw error
  }
}
