import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bound, median, rounds, spread } from '../bound.ts'
import { exitCode, residentMegabytes, root, serve, slipway } from '../server.ts'

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

/** A process that does nothing but hold an open PGlite: what the embedded database costs by itself. */
const barePglite = `
const { PGlite } = await import('@electric-sql/pglite')
const database = await PGlite.create(process.argv[1])
await database.query('select 1')
console.log('open')
process.stdin.resume()
`

export const idleMemory: Bound = {
  name: 'idle-memory',
  minutes: 5,
  async measure() {
    const work = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    try {
      const home = join(work, 'home')
      await (await serve(home)).stop()
      // Where a collection of garbage falls makes some 60 MB of difference on either side: hence the median.
      const servers: number[] = []
      const bare: number[] = []
      for (let round = 0; round < 5; round++) {
        servers.push(await serverMegabytes(home))
        bare.push(await bareMegabytes(join(work, `bare-${round}`)))
      }
      const [ours, theirs] = [median(servers), median(bare)]
      const note = `medians of 5 rounds, resident: server ${ours.toFixed(0)} MB, bare PGlite ${theirs.toFixed(0)} MB`
      return [{ name: 'idle memory above bare PGlite', figure: ours - theirs, bound: 200, unit: 'MB', note }]
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  },
}

async function serverMegabytes(home: string): Promise<number> {
  const server = await serve(home)
  try {
    return await residentMegabytes(server.pid)
  } finally {
    await server.stop()
  }
}

async function bareMegabytes(folder: string): Promise<number> {
  const bare = spawn(process.execPath, ['--input-type=module', '-e', barePglite, folder], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await once(bare.stdout, 'data')
    return await residentMegabytes(bare.pid ?? 0)
  } finally {
    bare.kill('SIGKILL')
  }
}
