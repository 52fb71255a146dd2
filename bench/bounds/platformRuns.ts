import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as after } from 'node:timers/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { startOperators } from '../../lab/operators/operators.ts'
import { startControlPlane } from '../../test/kubernetes/controlPlane.ts'
import { makeRoom, operatorComponents, writeCharts } from '../../test/platform/fullPlatform.ts'
import type { Bound } from '../bound.ts'
import { runPlatforms } from '../platformRuns.ts'
import { ownMegabytes, proportionalMegabytes, root } from '../server.ts'

const runs = 20
const answer = z.object({ time: z.number() })

/** The most memory that one worker takes while so many platforms are made at once. */
export const platformRuns: Bound = {
  name: 'platform-runs',
  minutes: 10,
  async measure() {
    await using around = new AsyncDisposableStack()
    const plane = around.use(await startControlPlane('controllers', 'scheduler', 'kwok'))
    makeRoom(plane)
    writeCharts(plane.folder)
    around.use(await startOperators({ kubeconfig: plane.kubeconfig }))
    // Operators of others, which all of them use.
    const platform = { components: operatorComponents }
    await runPlatforms(plane.kubeconfig, plane.folder, new Map([['first', platform]]))

    const child = spawn(
      join(root, 'scripts/node'),
      ['bench/platformServer.ts', join(plane.folder, 'kubeconfig'), plane.folder, String(runs)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const ended = once(child, 'exit').then(() => true)
    const said = text(child.stdout)
    const most = { worker: 0, all: 0 }
    while (!(await Promise.race([ended, after(200, false)]))) {
      // One that has just ended has no memory.
      const [worker, all] = await Promise.all(
        [ownMegabytes, proportionalMegabytes].map(measure => measure(child.pid ?? 0).catch(() => 0)),
      )
      most.worker = Math.max(most.worker, worker ?? 0)
      most.all = Math.max(most.all, all ?? 0)
    }
    const { time } = answer.parse(JSON.parse(await said))
    return [
      {
        name: `${runs} platform runs at once`,
        figure: most.worker,
        bound: 500,
        unit: 'MB',
        note:
          `the worker at its most; with its database and all Helms ${most.all.toFixed(0)} MB; ` +
          `each a PostgreSQL and two charts, all in ${(time / 1000).toFixed(0)} s`,
      },
    ]
  },
}
