import { z } from 'zod'
import type { RunRecords } from '../../src/engine/contract/records.ts'
import type { Versions } from '../../src/store/embedded/versions.ts'
import { openStore } from '../../src/store/openStore.ts'
import { startDurableWorker } from './durableWorker.ts'

/**
 * A worker process that the kill harness may end at any moment. It works until its runs have ended, then ends
 * itself with 0. Argument: JSON.
 */
const options = z
  .object({
    location: z.union([
      z.object({ folder: z.string(), versions: z.custom<Versions>().exactOptional() }),
      z.object({ url: z.string() }),
    ]),
    world: z.string(),
    runs: z.array(z.string()),
    leaseTime: z.number(),
    runsAtOnce: z.int().optional(),
    /** Ends itself by SIGKILL just before or after this one of its writes to the run. */
    killAt: z.object({ run: z.string(), write: z.int(), side: z.enum(['before', 'after']) }).optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const killSelf = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

function killing(records: RunRecords): RunRecords {
  let writes = 0
  return {
    ...records,
    async write(run, transition, guard) {
      const strikes = run === options.killAt?.run && ++writes === options.killAt.write
      if (strikes && options.killAt?.side === 'before') killSelf()
      await records.write(run, transition, guard)
      if (strikes) killSelf()
    },
  }
}

const store = await openStore(options.location)
const worker = startDurableWorker(killing(store.records), options.world, {
  leaseTime: options.leaseTime,
  ...(options.runsAtOnce !== undefined && { runsAtOnce: options.runsAtOnce }),
})
process.stdout.write('working\n')
const ended = async (run: string): Promise<boolean> => {
  for await (const event of store.records.follow(run, 0, AbortSignal.timeout(120_000)))
    if (event.type === 'run-failed') console.error(event.message, event.data)
  return (await store.records.readRun(run)).status === 'completed'
}
const completed = await Promise.all(options.runs.map(ended))
await worker.stop()
await store.close()
process.exitCode = completed.every(Boolean) ? 0 : 1
