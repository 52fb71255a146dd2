import type { Command } from 'commander'
import { once } from 'node:events'
import { pageOf } from '../../api/http/page.ts'
import { type LogPiece, runDetailShape, runShape } from '../../api/runs/shapes.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { type Client } from '../client/client.ts'
import { withServer } from '../client/withServer.ts'
import { followLog } from '../follow/followLog.ts'
import { lineFilter } from '../follow/lineFilter.ts'
import { takeSignals } from '../signals.ts'
import type { Surroundings } from '../surroundings.ts'
import { paint, printableLines, say } from '../terminal.ts'

interface LogOptions {
  readonly follow?: boolean
  readonly stage?: string
  readonly host?: string
}

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<run>', 'id of a run, or a cluster for its newest run')
    .option('-f, --follow', 'go on until the run ends')
    .option('--stage <key>', 'only this stage, like rke2/join:m2')
    .option('--host <hostname>', 'only lines that name this host')
    .addHelpText(
      'after',
      `
Examples:
  slipway logs -f demo
  slipway logs bcdf2345gh --stage rke2/join:m2
`,
    )
    .action(async (name: string, options: LogOptions) => {
      process.exitCode = await withServer(
        surroundings,
        ({ client }) => printLog(client, name, options),
        options.follow ? 'acts' : 'looks',
      )
    })
}

async function printLog(client: Client, name: string, { follow = false, stage, host }: LogOptions): Promise<number> {
  const run = await runNamed(client, name)
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  const query = { run, follow, ...(stage !== undefined && { stage: await stageOf(client, run, stage) }) }
  const keep = host === undefined ? (piece: LogPiece) => piece.text : lineFilter(host)
  const write = stageWriter()
  for await (const piece of followLog(client, query, stop.signal, () => say('The server was lost; looking for it …')))
    await write(piece, keep(piece))
  release()
  return stop.signal.aborted ? exitCodes.interrupted : exitCodes.done
}

/** Writes text as it comes; a line on stderr says where another stage or attempt begins. */
function stageWriter() {
  let last = ''
  return async ({ stage, attempt }: LogPiece, text: string): Promise<void> => {
    if (text === '') return
    const place = attempt > 1 ? `${stage}, attempt ${attempt}` : stage
    if (place !== last) say(paint('dim', `── ${place}`))
    last = place
    // A file gets every byte; a terminal is not steered by what a host has written.
    if (!process.stdout.write(process.stdout.isTTY ? printableLines(text) : text)) await once(process.stdout, 'drain')
  }
}

/** @throws SlipwayError `not-found` with the stages that there are. */
async function stageOf(client: Client, run: string, wanted: string): Promise<string> {
  const { stages } = await client.get(`/runs/${run}`, runDetailShape)
  const found = stages.find(({ key }) => key === wanted) ?? stages.find(({ key }) => key.endsWith(`/${wanted}`))
  if (found) return found.key
  throw new SlipwayError('not-found', `run ${run} has no stage ${wanted}`, {
    remedy: `It has: ${stages.map(({ key }) => key).join(', ')}.`,
  })
}

/** A run by its id, or the newest of a cluster by its name. */
async function runNamed(client: Client, name: string): Promise<string> {
  const path = encodeURIComponent(name)
  try {
    return (await client.get(`/runs/${path}`, runDetailShape)).id
  } catch (error) {
    if (!(error instanceof SlipwayError) || !['not-found', 'usage'].includes(error.code)) throw error
  }
  const { items } = await client.get(`/clusters/${path}/runs?limit=1`, pageOf(runShape))
  const [newest] = items
  if (newest) return newest.id
  throw new SlipwayError('not-found', `cluster ${name} has no run yet`)
}
