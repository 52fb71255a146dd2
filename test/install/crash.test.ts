import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesMarked } from '../processes.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { killPostmaster } from '../store/postmaster.ts'
import { newestRun, runEvents, type SeenEvent } from './events.ts'
import type { RunningServer } from '../listening.ts'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { bootstraps, etcdMembers, nodeStatuses } from './nodes.ts'

/**
 * The server, its database or both are killed with -9 before, in and after every stage of one installation, and the
 * server is started again each time. The installation goes on by itself and ends with the right cluster; no stage that was complete is executed again.
 */

const stages = ['rke2/prepare', 'rke2/initial-master', 'rke2/join:m2', 'rke2/join:m3', 'rke2/workers:w1', 'rke2/finish']
const servers = ['m1', 'm2', 'm3']
const workers = ['w1', 'w2']
const hosts = [...servers, ...workers]

/** Who is killed at a moment: Slipway's server, the postmaster of its embedded database, or both at once. */
type Victim = 'server' | 'database' | 'both'
/** More than five times in five minutes a database is not started again. */
const mostlyDatabase: readonly Victim[] = ['database', 'database', 'both', 'database']

/** `make soak PIECE=crashes` kills also over a server's database, where nothing but the store differs, and the database. */
const rounds: readonly {
  readonly kind: 'embedded' | 'postgres'
  readonly what: string
  readonly order: readonly Victim[]
}[] = [
  { kind: 'embedded', what: 'server', order: ['server'] },
  ...(process.env['SLIPWAY_SOAK']
    ? [
        { kind: 'embedded', what: 'database', order: mostlyDatabase } as const,
        { kind: 'postgres', what: 'server', order: ['server'] } as const,
      ]
    : []),
]

let postgres: PostgresServer | undefined
afterAll(() => postgres?.stop())

describe.each(rounds)('an installation whose $what is killed again and again, on $kind', ({ kind, what, order }) => {
  let lab: InstallLab
  let site: Site
  let server: RunningServer
  const seen: SeenEvent[] = []
  const kills: string[] = []
  let run = ''

  beforeAll(async () => {
    lab = await labUp(`test-crash-${kind}-${what[0]}-${process.pid}`, hosts)
    if (kind === 'postgres') postgres = await startPostgres()
    const environment = postgres ? { DATABASE_URL: await postgres.createDatabase('crash') } : {}
    site = await openSite(lab, { servers, workers }, environment)
    server = await site.serve()
    const apply = site.start('apply', '-f', site.file, '--yes')
    apply.stdout?.resume()
    apply.stderr?.resume()
    await killAtEveryStage()
    apply.kill('SIGKILL')
  }, 900_000)
  afterAll(async () => {
    await server?.stop()
    await site?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  async function killAtEveryStage(): Promise<void> {
    const due = new Set(stages.flatMap(stage => [`before ${stage}`, `in ${stage}`, `after ${stage}`]))
    for (;;) {
      const found = await newestRun(site, server)
      if (found?.status === 'completed') break
      if (!found || !['queued', 'running'].includes(found.status)) {
        if (found)
          throw new Error(
            `the run is ${found.status}: ${seen
              .slice(-5)
              .map(({ message }) => message)
              .join('; ')}`,
          )
        continue
      }
      run = found.id
      for await (const event of runEvents(site, server, found.id, seen.at(-1)?.seq ?? 0)) {
        seen.push(event)
        const moment = momentOf(event)
        if (!moment || !due.delete(moment)) continue
        await strike(order[kills.length % order.length] ?? 'server')
        kills.push(moment)
        break
      }
    }
  }

  async function strike(victim: Victim): Promise<void> {
    if (victim !== 'server') await killPostmaster(join(site.home, 'postgresql'))
    if (victim === 'database') return
    await server.kill()
    server = await site.serve()
  }

  it('is killed at each of the moments', () => {
    for (const stage of stages.slice(0, -1)) {
      const moments = [`before ${stage}`, `in ${stage}`, `after ${stage}`]
      expect(kills.filter(moment => moments.includes(moment))).toEqual(moments)
    }
  })

  it('ends with the right nodes and one etcd cluster', async () => {
    expect(await nodeStatuses(site)).toEqual(hosts.map(host => `${host} active`))
    for (const host of servers) expect(await etcdMembers(lab, host)).toEqual(servers)
    expect(await bootstraps(lab, servers)).toEqual([1, 0, 0])
  })

  it('repeats no stage that was complete, and loses no event', () => {
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
    for (const stage of [...stages, 'rke2/prepare:w1']) {
      const own = seen.filter(event => event.stage === stage)
      const ended = own.findIndex(({ type }) => type === 'stage-completed' || type === 'stage-skipped')
      expect(ended, stage).toBeGreaterThanOrEqual(0)
      expect(
        own.slice(ended + 1).filter(({ type }) => type === 'stage-started'),
        stage,
      ).toEqual([])
    }
  })

  it('leaves no child process behind', () => {
    expect(processesMarked(`SLIPWAY_ATTEMPT=${run}/`)).toEqual([])
  })

  it('finds nothing to do afterwards', async () => {
    const again = await site.slipway('apply', '-f', site.file, '--yes')
    expect(again.stdout + again.stderr).toMatch(/nothing to do/i)
    expect(again.code).toBe(0)
  })
})

function momentOf({ type, stage }: SeenEvent): string | undefined {
  if (!stage) return undefined
  // What comes first of a stage is its start; the moment before it is the end of the one before.
  if (type === 'stage-started') return `before ${stage}`
  if (type === 'progress' || type === 'task' || type === 'host-result') return `in ${stage}`
  return type === 'stage-completed' ? `after ${stage}` : undefined
}
