import { spawn } from 'node:child_process'
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import { cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import type { AttemptContext } from '../../src/engine/contract/stage.ts'
import type { WorkerOptions } from '../../src/engine/worker/worker.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { readCluster } from '../../src/store/clusters.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { aCluster, emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun, benchForEach } from './bench.ts'
import { type CodeStage, codeStages } from './codeStages.ts'
import { orphansOf } from './killHarness.ts'

/** A child with a grandchild that has left its group. */
const withChildren = {
  execute: async (context: AttemptContext) => {
    spawn('sh', ['-c', 'setsid sleep 600 & sleep 600'], {
      env: { ...process.env, ...context.environment },
      stdio: 'ignore',
      detached: true,
    })
    await context.progress('children run')
    await after(60_000, undefined, { signal: context.signal })
  },
}
const children = { end: (of: Parameters<typeof endChildren>[0]) => endChildren(of, 100) }

const store = emptyStoreForEach()
const bench = benchForEach(store)
const records = () => store().records
const begin = async (given: Record<string, CodeStage>, options: Partial<WorkerOptions> = {}, cluster = 'demo') => {
  const stages = codeStages(given)
  const run = await createTestRun(store(), stages.requests, cluster, stages.registry)
  const worker = bench().work({ registry: stages.registry, ...options })
  return { ...stages, run, worker }
}
const statuses = async (run: string) =>
  Object.fromEntries((await records().readStages(run)).map(stage => [stage.key, stage.status]))
const seen = async (run: string, type: string) => {
  for await (const event of records().follow(run, 0, AbortSignal.timeout(10_000))) if (event.type === type) return
  throw new Error(`no ${type} came`)
}

describe('children of an attempt', () => {
  it('are all ended when the run is cancelled', async () => {
    const { run } = await begin({ a: withChildren }, { children })
    await seen(run, 'progress')
    expect(orphansOf(run).length).toBeGreaterThan(0)
    await cancelRun(records(), run, 'test')
    expect(await bench().settled(run)).toBe('cancelled')
    expect(orphansOf(run)).toEqual([])
  })

  it('are all ended when the worker stops; the next worker goes on at once', async () => {
    const { run, worker } = await begin({ a: withChildren }, { children })
    await seen(run, 'progress')
    await worker.stop()
    expect(orphansOf(run)).toEqual([])
    expect((await records().readRun(run)).status).toBe('running')
    const quick = codeStages({ a: {} })
    bench().work({ registry: quick.registry, children })
    expect(await bench().settled(run)).toBe('completed')
    expect(quick.executed).toEqual(['a'])
    expect(bench().takeovers).toEqual([{ cluster: 'demo', hosts: [] }])
  })

  it('are all ended when the stage runs out of time', async () => {
    const { run } = await begin({ a: { ...withChildren, timeout: 400 } }, { children, limits: { grace: 50 } })
    expect(await bench().settled(run)).toBe('failed')
    expect(orphansOf(run)).toEqual([])
  })
})

describe('a takeover', () => {
  it('raises the fence on the hosts of all stages that are not done, before anything begins', async () => {
    const order: string[] = []
    const stages = {
      a: { hosts: ['m1'] },
      b: { hosts: ['m2', 'm1'], needs: [{ stage: 'a' }], execute: withChildren.execute },
      c: { hosts: ['m3'], needs: [{ stage: 'b' }] },
    } as const
    const { run, worker } = await begin(stages, { children })
    await seen(run, 'progress')
    await worker.stop()
    const next = codeStages({ ...stages, b: { ...stages.b, execute: async () => void order.push('executed') } })
    bench().work({
      registry: next.registry,
      children,
      onTakeover: async ({ name: cluster }, fence, hosts) => {
        order.push(`${cluster} ${fence.epoch}.${fence.number} ${hosts.join(' ')}`)
      },
    })
    expect(await bench().settled(run)).toBe('completed')
    expect(order).toEqual(['demo 1.2 m2 m1 m3', 'executed'])
    expect(next.executed).toEqual(['b', 'c'])
  })

  it('waits until ready, without executing again, when the interrupted attempt had done its work', async () => {
    let waited = 0
    const done: CodeStage = {
      shouldRun: () => ({ kind: 'skip', reason: 'all is there' }),
      waitForReady: async () => {
        waited++
      },
      records: { completed: [{ type: 'installation-stage', stage: 'completed' }] },
    }
    await aCluster(store())
    const { run, worker } = await begin({ a: withChildren }, { children })
    await seen(run, 'progress')
    await worker.stop()
    const next = codeStages({ a: done })
    bench().work({ registry: next.registry, children })
    expect(await bench().settled(run)).toBe('completed')
    expect([next.executed, waited]).toEqual([[], 1])
    expect(await statuses(run)).toEqual({ a: 'completed' })
    expect((await readCluster(store().database, 'demo')).installation_stage).toBe('completed')
  })
})

describe('a stage', () => {
  it('gets the outputs of those it needs, and its own are stored sealed', async () => {
    const got: unknown[] = []
    const { run } = await begin(
      {
        a: { outputs: async () => ({ address: '10.0.0.1' }) },
        b: { needs: [{ stage: 'a' }], execute: async context => void got.push(await context.outputsOf('a')) },
      },
      { seal: text => `sealed ${text.length}` },
    )
    expect(await bench().settled(run)).toBe('completed')
    expect(got).toEqual([{ address: '10.0.0.1' }])
    expect((await records().readStages(run)).map(stage => stage.outputs)).toEqual(['sealed 22', null])
  })

  it('has its records written with its events: begun, failed, completed', async () => {
    await aCluster(store())
    const status = async () => (await listNodes(store().database, 'demo')).find(one => one.hostname === 'w1')?.status
    const during: (string | undefined)[] = []
    let broken = true
    const { run, registry } = await begin({
      a: {
        records: {
          started: [{ type: 'node', hostname: 'w1', event: 'install' }],
          completed: [{ type: 'node', hostname: 'w1', event: 'ready' }],
          failed: error => [{ type: 'node', hostname: 'w1', event: 'fail', error: error.message }],
        },
        execute: async () => {
          during.push(await status())
          if (broken) throw new Error('disk full')
        },
      },
    })
    expect(await bench().settled(run)).toBe('failed')
    expect([during, await status()]).toEqual([['installing'], 'failed'])
    broken = false
    await resumeRun(records(), registry, run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    expect([during, await status()]).toEqual([['installing', 'installing'], 'active'])
  })

  it('fails with its own error when what it would record is refused', async () => {
    await aCluster(store())
    const { run } = await begin({
      a: {
        records: { failed: () => [{ type: 'node', hostname: 'w1', event: 'fail' }] },
        execute: async () => {
          throw new SlipwayError('service-failed', 'rke2-server does not start')
        },
      },
    })
    expect(await bench().settled(run)).toBe('failed')
    const [stage] = await records().readStages(run)
    expect(stage?.error).toMatchObject({ code: 'service-failed', message: 'rke2-server does not start' })
  })

  it('is refused at its last look when something is missing, and none of its records is written', async () => {
    let asked = 0
    const missing = {
      name: 'disk-full' as const,
      severity: 'error' as const,
      about: 'm1',
      message: 'the disk is full',
      remedy: 'r',
    }
    const { run, executed } = await begin({ a: { checkPrerequisites: () => (asked++ === 0 ? [] : [missing]) } })
    expect(await bench().settled(run)).toBe('failed')
    const [stage] = await records().readStages(run)
    expect(stage?.error).toMatchObject({ code: 'preflight-failed', findings: [missing] })
    expect(executed).toEqual([])
  })

  it('remembers over a resume which hosts are finished', async () => {
    let broken = true
    const finished: string[][] = []
    const { run, registry } = await begin({
      a: {
        execute: async context => {
          finished.push([...(await context.finishedHosts())].toSorted())
          await context.hostResult('w1', 'changed')
          await context.hostResult('w2', broken ? 'unreachable' : 'ok', 'said so')
          if (broken) throw new Error('w2 is unreachable')
        },
      },
    })
    expect(await bench().settled(run)).toBe('failed')
    broken = false
    await resumeRun(records(), registry, run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    expect(finished).toEqual([[], ['w1']])
  })

  it('cannot write any more when it was left behind', async () => {
    const late = Promise.withResolvers<unknown>()
    const { run } = await begin(
      {
        a: {
          timeout: 50,
          execute: async context => {
            await after(400)
            await context.progress('too late').then(late.resolve, late.resolve)
          },
        },
      },
      { limits: { grace: 50 } },
    )
    expect(await bench().settled(run)).toBe('failed')
    expect(await late.promise).toMatchObject({ message: expect.stringContaining('is over') })
    expect((await bench().events(run)).map(event => event.message)).not.toContain('too late')
  })
})

it('secrets are taken out of errors, reasons, progress and logs before they are stored', async () => {
  const { run } = await begin(
    {
      a: {
        execute: async context => {
          await context.progress('token hunter22')
          await context.log('log hunter22\n')
          await context.hostResult('m1', 'failed', 'host hunter22')
          const finding = { name: 'disk-full', severity: 'error', about: 'node m1', message: 'is hunter22' } as const
          throw new SlipwayError('playbook-failed', 'error hunter22', {
            cause: new Error('cause hunter22'),
            remedy: 'change hunter22',
            findings: [{ ...finding, remedy: 'change hunter22' }],
            facts: { journal: 'journal hunter22' },
          })
        },
      },
    },
    { redact: text => text.replaceAll('hunter22', '***') },
  )
  expect(await bench().settled(run)).toBe('failed')
  const tables = ['runs', 'stage_runs', 'attempts', 'events', 'host_results', 'log_chunks'] as const
  for (const table of tables) {
    const rows = JSON.stringify(await store().database.selectFrom(table).selectAll().execute())
    expect(rows, table).not.toContain('hunter22')
    if (table !== 'runs') expect(rows, table).toContain('***')
  }
})

it('ten stages of 300 ms that need nothing take little longer than one', async () => {
  const wait: CodeStage = { execute: context => after(300, undefined, { signal: context.signal }) }
  const { run } = await begin(Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`s${index}`, wait])))
  expect(await bench().settled(run)).toBe('completed')
  const { started, ended } = await records().readRun(run)
  expect(Date.parse(ended ?? '') - Date.parse(started ?? '')).toBeLessThan(1_500)
})

it('no more stages run at once than the worker may', async () => {
  let now = 0
  let most = 0
  const full = Promise.withResolvers<void>()
  const wait: CodeStage = {
    execute: async context => {
      most = Math.max(most, ++now)
      if (now === 3) {
        // Whatever may begin beside these has been written before this line.
        await context.progress('three are here')
        full.resolve()
      }
      await full.promise
      now--
    },
  }
  const given = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`s${index}`, wait]))
  const { run } = await begin(given, { limits: { stagesAtOnce: 3 } })
  expect(await bench().settled(run)).toBe('completed')
  expect(most).toBe(3)
})
