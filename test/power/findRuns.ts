import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readEvents, readLog } from '../../src/store/events.ts'
import type { Store } from '../../src/store/openStore.ts'
import { type FoundRun, digest } from './words.ts'

const page = 10_000
const place = z.object({ folder: z.string() })

/** All runs of a store, the oldest first, with what their stages have left on the disk. */
export async function* findRuns({ database, records }: Store): AsyncIterable<Omit<FoundRun, 'kind'>> {
  const runs = await database.selectFrom('runs').select(['id', 'status']).orderBy('created').execute()
  for (const { id: run, status } of runs) {
    const events = await readEvents(database, run, 0, page)
    const log = await readLog(database, run, { after: 0 }, page)
    const attempts = await database
      .selectFrom('attempts')
      .select(['stage', 'number', 'status'])
      .where('run', '=', run)
      .orderBy('stage')
      .orderBy('number')
      .execute()
    const [stage] = await records.readStages(run)
    yield {
      run,
      status,
      events: events.map(event => [event.seq, digest(event)]),
      log: log.map(chunk => [chunk.seq, digest(chunk)]),
      completions: events.flatMap(({ type, stage: of }) =>
        type === 'run-completed' || type === 'stage-completed' ? [of === null ? type : `${type} ${of}`] : [],
      ),
      attempts: attempts.map(one => [one.stage, one.number, one.status]),
      begun: readBegun(place.parse(stage?.arguments).folder),
    }
  }
}

/** `STAGE ATTEMPT` a line; none before the first. */
function readBegun(folder: string): [string, number][] {
  const file = join(folder, 'begun')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [stage = '', number] = line.split(' ')
      return [stage, Number(number)]
    })
}
