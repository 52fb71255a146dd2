import { type Bound, median, spread } from '../bound.ts'
import { withSite } from '../lab.ts'
import { newestRun, runEvents } from '../../test/serverEvents.ts'
import { until } from '../../test/until.ts'
import { serve } from '../server.ts'

/** kill -9 in the middle of an installation, start again: until the run's next step is on record. */
export const restart: Bound = {
  name: 'restart',
  minutes: 10,
  measure: () =>
    withSite('bench-restart', ['m1', 'w1'], 1, async ({ home, file, slipway }) => {
      let server = await serve(home)
      const applied = slipway('apply', '-f', file, '--yes').catch((error: unknown) => error)
      const times: number[] = []
      let seen = 0
      const at = () => ({ home, url: server.url })
      const next = async (run: string, type: string): Promise<boolean> => {
        for await (const event of runEvents(at(), run, seen)) {
          seen = event.seq
          if (event.type === type) return true
        }
        return false
      }
      try {
        await until('there is a run', async () => (await newestRun(at(), 'bench')) !== undefined)
        while (times.length < 5) {
          const run = await newestRun(at(), 'bench')
          if (run?.status === 'completed') break
          if (!run || !['queued', 'running'].includes(run.status)) throw new Error(`the run is ${run?.status}`)
          if (!(await next(run.id, 'stage-started'))) continue
          await server.kill()
          const start = performance.now()
          server = await serve(home)
          if (!(await next(run.id, 'run-taken-over'))) throw new Error('the run was not taken over')
          times.push(performance.now() - start)
        }
        if (times.length === 0) throw new Error('the run ended before it could be killed')
        await applied
      } finally {
        await server.stop()
      }
      return [
        {
          name: 'restart after kill -9',
          figure: median(times) / 1000,
          bound: 3,
          unit: 's',
          note: `${spread(times)} ms, until the run goes on`,
        },
      ]
    }),
}
