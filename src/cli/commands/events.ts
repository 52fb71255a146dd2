import { type Command, InvalidArgumentError, Option } from 'commander'
import { once } from 'node:events'
import { eventPosition, type EventType, eventTypes, type PlacedEvent } from '../../contract/events.ts'
import { exitCodes } from '../../domain/errors.ts'
import { subjectText } from '../../domain/subject.ts'
import { runsOf } from '../runsOf.ts'
import type { Client } from '../client/client.ts'
import { withServer } from '../client/withServer.ts'
import { type EventsQuery, followAllEvents } from '../follow/followAllEvents.ts'
import { takeSignals } from '../signals.ts'
import type { Surroundings } from '../surroundings.ts'
import { printable, say } from '../terminal.ts'
import { eventText } from '../view/eventText.ts'

interface EventOptions {
  readonly follow?: boolean
  readonly type: readonly EventType[]
  readonly newest?: number
  readonly after?: string
  readonly all?: boolean
  readonly machine?: string
  readonly output: 'text' | 'json'
}

/** So many are shown where nothing is said. */
const usually = 100
const most = 1000

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('[cluster]', 'only runs of this cluster')
    .option('--machine <name>', 'only runs of this machine')
    .option('-f, --follow', 'go on with what happens from now on, until Ctrl-C')
    .option('--type <type>', 'only events of this type, like run-failed (repeat it)', collectType, [])
    .addOption(
      new Option('-n, --newest <count>', `begin with so many of the newest (${usually})`)
        .argParser(parseCount)
        .conflicts(['after', 'all']),
    )
    .addOption(
      new Option('--after <position>', 'begin behind this event, by its position in -o json')
        .argParser(parsePosition)
        .conflicts('all'),
    )
    .option('--all', 'begin with the first one on record')
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
A line an event: time, cluster, run, stage, host, type, and what happened. The order is the same for everybody who reads.
With -o json every line is an event as the API gives it, with its data; its position names it for --after.

Types:
${listed(eventTypes)}

Examples:
  slipway events
  slipway events demo --follow
  slipway events --machine w4
  slipway events --type run-failed --type stage-failed --all
  slipway events --follow --newest 0 -o json | jq -r '.subject.name + " " + .type'
`,
    )
    .action(async (cluster: string | undefined, options: EventOptions) => {
      const { after, all, machine, newest = usually, type, follow = false, output } = options
      const from = after !== undefined ? { after } : all ? { after: '0-0' } : { newest }
      const query = { of: runsOf(cluster, machine) ?? '', types: type, from, follow }
      process.exitCode = await withServer(surroundings, ({ client }) => printEvents(client, query, output), 'looks')
    })
}

async function printEvents(client: Client, query: EventsQuery, output: 'text' | 'json'): Promise<number> {
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  const lost = () => say('The server was lost; looking for it …')
  for await (const event of followAllEvents(client, query, stop.signal, lost))
    await write(output === 'json' ? JSON.stringify(event) : eventLine(event, query.of === ''))
  release()
  return stop.signal.aborted ? exitCodes.interrupted : exitCodes.done
}

/** `2026-01-31T10:00:00Z  demo  bcdf2345gh  rke2/join:m2  m2  stage-failed  m2: rke2-server ended` */
function eventLine(event: PlacedEvent, withSubject: boolean): string {
  const { at, subject, run, stage, host, type } = event
  const of = subject.kind === 'cluster' ? subject.name : subjectText(subject)
  const words = [at.replace(/\.\d+/, ''), withSubject && of, run, stage, host, type, eventText(event)]
  return printable(words.filter(Boolean).join('  '))
}

async function write(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

const isType = (word: string): word is EventType => eventTypes.some(type => type === word)

function collectType(word: string, before: readonly EventType[]): readonly EventType[] {
  if (!isType(word)) throw new InvalidArgumentError(`It is none of ${eventTypes.join(', ')}.`)
  return [...before, word]
}

function parseCount(word: string): number {
  const count = Number(word)
  if (!/^\d{1,4}$/.test(word) || count > most)
    throw new InvalidArgumentError(`A number from 0 to ${most} is needed; --all shows everything.`)
  return count
}

function parsePosition(word: string): string {
  if (!eventPosition.safeParse(word).success)
    throw new InvalidArgumentError('A position is needed as -o json shows it, like 1-250.')
  return word
}

/** In lines that fit a terminal. */
function listed(words: readonly string[]): string {
  const lines: string[] = []
  for (const word of words) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < 78) lines[lines.length - 1] = `${line}, ${word}`
    else lines.push(`  ${word}`)
  }
  return lines.join('\n')
}
