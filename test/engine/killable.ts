import { join } from 'node:path'
import { z } from 'zod'
import type { RunRecords } from '../../src/engine/records.ts'
import { createRegistry } from '../../src/engine/registry.ts'
import { startWorker } from '../../src/engine/worker.ts'
import { newWorkerName } from '../../src/processes/environment.ts'
import { identifyWorker, isDead } from '../../src/processes/workerIdentity.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { openStore } from '../../src/store/openStore.ts'
import { appendDurably } from './durableFile.ts'
import { durableKind } from './durableStages.ts'

/**
 * A worker process that the kill harness may end at any moment. It works until its runs have ended, then ends
 * itself with 0. Argument: JSON.
 */
const options = z
  .object({
    location: z.union([z.object({ folder: z.string() }), z.object({ url: z.string() })]),
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
const worker = startWorker({
  self: identifyWorker(newWorkerName()),
  isDead,
  records: killing(store.records),
  registry: createRegistry([durableKind]),
  children: { end: of => endChildren(of, 0) },
  onTakeover: async (_cluster, fence, hosts) => {
    await appendDurably(join(options.world, 'takeovers'), `${fence.epoch}.${fence.number} ${hosts.join(',')}`)
  },
  redact: text => text,
  report: (message, fields) => {
    if (fields['error'] !== undefined) console.error(message, fields)
  },
  limits: {
    poll: 250,
    leaseTime: options.leaseTime,
    leaseMargin: options.leaseTime / 4,
    ...(options.runsAtOnce !== undefined && { runsAtOnce: options.runsAtOnce }),
  },
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
