import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as after } from 'node:timers/promises'
import { newestRun, runEvents, type SeenEvent } from './events.ts'
import type { RunningServer } from '../listening.ts'
import type { Finished, Site } from './harness.ts'

/** A command that makes a run go on, caught at a moment of that run. The command itself is still under way. */
export interface Caught {
  readonly run: string
  readonly event: SeenEvent
  readonly ended: Promise<Finished>
}

/** Starts a command and returns at the first new event of the cluster's run that `moment` is waiting for. */
export async function catchAt(
  site: Site,
  server: RunningServer,
  args: readonly string[],
  moment: (event: SeenEvent) => boolean,
): Promise<Caught> {
  const before = await newestRun(site, server)
  const ended = follow(site, args)
  const over = ended.then(() => true)
  // Another command may have begun the run in the moment in which this one was refused for it.
  for (let lastLook = false; ; ) {
    const run = await newestRun(site, server)
    const from = run && run.id === before?.id ? before.seq : 0
    if (run && run.seq > from) {
      for await (const event of runEvents(site, server, run.id, from))
        if (moment(event)) return { run: run.id, event, ended }
      break
    }
    if (lastLook) break
    lastLook = await Promise.race([over, after(50, false)])
  }
  const { code, stdout, stderr } = await ended
  throw new Error(`the moment never came; slipway ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
}

/** A command under way, and what it will have said. */
export async function follow(site: Site, args: readonly string[]): Promise<Finished> {
  const child = site.start(...args)
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map(pipe => (pipe ? text(pipe) : '')))
  const [code] = await closed
  return { code: typeof code === 'number' ? code : -1, stdout: stdout ?? '', stderr: stderr ?? '' }
}

/**
 * Starts a command and kills the server at each of these stages of its run, in their order, as soon as it is begun; then
 * the command is followed to its end. Gives it with the server that is there then.
 */
export async function killedInEach(
  site: Site,
  server: RunningServer,
  args: readonly string[],
  stages: readonly string[],
): Promise<{ readonly server: RunningServer; readonly ended: Finished }> {
  const [first = '', ...others] = stages
  const isBegun = (stage: string) => (event: SeenEvent) => event.type === 'stage-started' && event.stage === stage
  const caught = await catchAt(site, server, args, isBegun(first))
  let { event } = caught
  let running = await restarted(site, server)
  for (const stage of others) {
    event = await eventOf(runEvents(site, running, caught.run, event.seq), isBegun(stage), stage)
    running = await restarted(site, running)
  }
  return { server: running, ended: await caught.ended }
}

async function eventOf(
  events: AsyncIterable<SeenEvent>,
  isMeant: (event: SeenEvent) => boolean,
  name: string,
): Promise<SeenEvent> {
  for await (const event of events) if (isMeant(event)) return event
  throw new Error(`the run ended without ${name}`)
}

async function restarted(site: Site, { pid }: RunningServer): Promise<RunningServer> {
  process.kill(pid, 'SIGKILL')
  return site.serve()
}
