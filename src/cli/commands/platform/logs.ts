import { type Command, Option } from 'commander'
import { once } from 'node:events'
import { z } from 'zod'
import { lastRunShape } from '../../../contract/platform.ts'
import type { LogPiece, RunEvent } from '../../../contract/events.ts'
import { runDetailShape } from '../../../contract/runs.ts'
import { exitCodes, SlipwayError } from '../../../domain/errors.ts'
import type { Client } from '../../client/client.ts'
import { withServer } from '../../client/withServer.ts'
import { followEvents } from '../../follow/followEvents.ts'
import { followLog } from '../../follow/followLog.ts'
import { takeSignals } from '../../signals.ts'
import type { Surroundings } from '../../surroundings.ts'
import { paintData, printable, printableLines, say } from '../../terminal.ts'
import { eventText } from '../../view/eventText.ts'

interface LogOptions {
  readonly follow?: boolean
  readonly output: 'text' | 'json'
}

export function defineLogs(group: Command, surroundings: Surroundings): void {
  group
    .command('logs')
    .description('what the last run did with a component or chart')
    .argument('<cluster>', 'a cluster on record')
    .argument('<component>', 'a component or chart of it, also one that the cluster file names no longer')
    .option('-f, --follow', 'go on until the run ends')
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The events of its stage in the last run that has touched it, a line each (time, type, what happened), then the log of that
stage. With -f they are printed as they come. What pods write kubectl logs shows.

Examples:
  slipway platform logs demo infra-postgres
  slipway platform logs demo shop -f
  slipway platform logs demo shop -o json | jq -r 'select(.type == "progress").message'
`,
    )
    .action(async (cluster: string, component: string, options: LogOptions) => {
      process.exitCode = await withServer(
        surroundings,
        ({ client }) => printLog(client, { cluster, component }, options),
        options.follow ? 'acts' : 'looks',
      )
    })
}

const answer = z.object({ last_run: lastRunShape })

async function printLog(
  client: Client,
  { cluster, component }: { readonly cluster: string; readonly component: string },
  { follow = false, output }: LogOptions,
): Promise<number> {
  const path = `/clusters/${encodeURIComponent(cluster)}/platform/${encodeURIComponent(component)}/last-run`
  const { last_run: last } = await client.get(path, answer)
  if (last === null)
    throw new SlipwayError('not-found', `no run of ${cluster} has touched ${component} yet`, {
      remedy: `How it stands: slipway platform status ${cluster}.`,
    })
  const { id, stage } = last
  if (output === 'text') say(`Run ${id}, ${stage}: ${last.status}`)
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  const lost = () => say('The server was lost; looking for it …')
  const { seq } = await client.get(`/runs/${id}`, runDetailShape)
  const events = async () => {
    for await (const event of followEvents(client, id, 0, stop.signal, lost)) {
      if (event.stage === stage) await write(eventLine(event, output))
      if (!follow && event.seq >= seq) return
    }
  }
  const log = async () => {
    for await (const piece of followLog(client, { run: id, stage, follow }, stop.signal, lost))
      await write(logPiece(piece, output))
  }
  if (follow) await Promise.all([events(), log()])
  else {
    await events()
    await log()
  }
  release()
  return stop.signal.aborted ? exitCodes.interrupted : exitCodes.done
}

/** `2026-01-31T10:00:00Z  stage-failed  Deployment web/web: 0 of 1 pods are available` */
const eventLine = (event: RunEvent, output: LogOptions['output']): string =>
  output === 'json'
    ? `${JSON.stringify(event)}\n`
    : `${paintData('dim', event.at.replace(/\.\d+/, ''))}  ${event.type}  ${printable(eventText(event))}\n`

/** A file gets every byte; a terminal is not steered by what a tool has written. */
const logPiece = (piece: LogPiece, output: LogOptions['output']): string =>
  output === 'json' ? `${JSON.stringify(piece)}\n` : process.stdout.isTTY ? printableLines(piece.text) : piece.text

async function write(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
}
