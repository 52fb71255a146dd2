import { type Bound, median, spread } from '../bound.ts'
import { withSite } from '../lab.ts'
import { newestRun, runEvents } from '../../test/serverEvents.ts'
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
      while (times.length < 5) {
        const run = await newestRun({ home, url: server.url }, 'bench')
        if (!run) continue
        if (run.status === 'completed') break
        for await (const event of runEvents({ home, url: server.url }, run.id, seen)) {
          seen = event.seq
          if (event.type !== 'stage-started') continue
          await server.kill()
          const start = performance.now()
          server = await serve(home)
          for await (const next of runEvents({ home, url: server.url }, run.id, seen)) {
            seen = next.seq
            if (next.type === 'run-taken-over') break
          }
          times.push(performance.now() - start)
          break
        }
      }
      await applied
      await server.stop()
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
