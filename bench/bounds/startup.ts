import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bound, median, rounds, spread } from '../bound.ts'
import { exitCode, proportionalMegabytes, serve, slipway } from '../server.ts'

export const help: Bound = {
  name: 'help',
  minutes: 2,
  async measure() {
    const times = await rounds(9, () => exitCode(slipway, ['--help']))
    return [{ name: 'slipway --help', figure: median(times), bound: 250, unit: 'ms', note: spread(times) }]
  },
}

export const serveReady: Bound = {
  name: 'serve-ready',
  minutes: 5,
  async measure() {
    const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    try {
      const times: number[] = []
      // The first start makes the database; what users wait for each day is the warm one.
      for (let round = 0; round < 6; round++) {
        const start = performance.now()
        const server = await serve(home)
        if (round > 0) times.push(performance.now() - start)
        await server.stop()
      }
      return [{ name: 'serve ready, warm', figure: median(times), bound: 2000, unit: 'ms', note: spread(times) }]
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  },
}

export const idleMemory: Bound = {
  name: 'idle-memory',
  minutes: 5,
  async measure() {
    const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    try {
      await (await serve(home)).stop()
      // Where a collection of garbage falls makes some difference: hence the median.
      const figures: number[] = []
      for (let round = 0; round < 5; round++) figures.push(await serverMegabytes(home))
      const note = `proportional share of server and database, ${spread(figures)}`
      return [{ name: 'idle memory of serve', figure: median(figures), bound: 150, unit: 'MB', note }]
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  },
}

async function serverMegabytes(home: string): Promise<number> {
  const server = await serve(home)
  try {
    return await proportionalMegabytes(server.pid)
  } finally {
    await server.stop()
  }
}
