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
