import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { SessionOf } from '../../../src/clusters/session.ts'
import { defineStage } from '../../../src/engine/contract/defineStage.ts'
import type { Unmet } from '../../../src/engine/contract/stage.ts'
import { until } from '../../until.ts'

const cluster = z.object({ cluster: z.string(), world: z.string(), version: z.string() })
const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null)

/** Makes the folder of every machine: a batch, of which one with a file `refused` in the world fails alone. */
export const prepare = defineStage({
  kind: 'toy/prepare',
  arguments: cluster.extend({ hosts: z.array(z.string()), accepted: z.array(z.string()) }),
  stage: ({ world, hosts, accepted }, _sessionOf: SessionOf) => ({
    timeout: 10_000,
    touches: ['toy/'],
    hosts,
    records: { batch: { failed: (hostname, error) => [{ type: 'node-behind', hostname, reason: error }] } },
    observe: async () => hosts.filter(host => !existsSync(join(world, host))),
    checkPrerequisites: () =>
      hosts.flatMap((host): Unmet[] =>
        host.startsWith('odd') && !accepted.includes('odd-name')
          ? [
              {
                name: 'odd-name',
                severity: 'warning',
                about: `node ${host}`,
                message: 'it is odd',
                remedy: 'Accept it.',
              },
            ]
          : [],
      ),
    shouldRun: (missing: readonly string[]) =>
      missing.length === 0
        ? { kind: 'skip', reason: 'every machine is there' }
        : {
            kind: 'run',
            reason: `${missing.join(', ')} is not there`,
            changes: missing.map(host => ({ effect: 'create', target: `node/${host}`, summary: 'make its folder' })),
          },
    async execute(context, missing: readonly string[]) {
      await context.beginHosts(missing, `makes ${missing.join(', ')}`)
      for (const host of missing) {
        await mkdir(join(world, host), { recursive: true })
        await context.hostResult(host, 'changed')
      }
    },
    waitForReady: async () => {},
  }),
})

/** Writes the version into one machine; `hold` and `fail` in its folder make that wait or fail. */
export const install = defineStage({
  kind: 'toy/install',
  arguments: cluster.extend({ host: z.string() }),
  stage: ({ world, host, version }, _sessionOf: SessionOf) => ({
    timeout: 30_000,
    touches: [`toy/${host}`],
    hosts: [host],
    records: {
      started: [{ type: 'node', hostname: host, event: 'install' }],
      completed: [{ type: 'node', hostname: host, event: 'ready', installed_version: version }],
      failed: error => [{ type: 'node', hostname: host, event: 'fail', error: error.message }],
    },
    observe: ({ observations }) => observations.read(`toy/${host}`, () => textOf(join(world, host, 'version'))),
    checkPrerequisites: () => [],
    shouldRun: (found: string | null) =>
      found === version
        ? { kind: 'skip', reason: `${host} has ${version}` }
        : {
            kind: 'run',
            reason: `${host} has ${found ?? 'nothing'}`,
            changes: [
              { effect: found === null ? 'create' : 'update', target: `node/${host}/version`, summary: version },
            ],
          },
    async execute(context) {
      const of = (file: string) => join(world, host, file)
      await appendFile(join(world, 'executed'), `${host}\n`)
      await context.log(`${host} gets ${version}\n`)
      await until('nothing holds it', () => context.signal.aborted || !existsSync(of('hold')), 20_000)
      context.signal.throwIfAborted()
      if (existsSync(of('fail'))) throw new Error(`${host} fails`)
      await writeFile(of('version'), version)
      return { size: version.length }
    },
    async waitForReady(context, begun) {
      await context.progress(begun ? `${begun.size} signs are written` : 'they were written before', host)
    },
  }),
})

/** Keeps a kubeconfig, and a token that is made where there is none. */
export const finish = defineStage({
  kind: 'toy/finish',
  arguments: cluster,
  stage: ({ cluster: name }, sessionOf: SessionOf) => {
    const session = sessionOf(name)
    return {
      timeout: 10_000,
      touches: [],
      records: { runCompleted: [{ type: 'installation-stage', stage: 'completed' }] },
      observe: async () => ({
        kubeconfig: await session.secret('kubeconfig'),
        token: (await session.secretOr('token', () => `made-for-${name}`)).value,
      }),
      checkPrerequisites: () => [],
      shouldRun: ({ kubeconfig }) =>
        kubeconfig === null
          ? {
              kind: 'run',
              reason: 'no kubeconfig is kept',
              changes: [{ effect: 'create', target: 'cluster/kubeconfig', summary: 'keep it' }],
            }
          : { kind: 'skip', reason: 'the kubeconfig is kept' },
      async execute(context, { token }) {
        const value = session.seal('kubeconfig', `token: ${token}\n`)
        await context.record('keeps the kubeconfig', [{ type: 'cluster-secret', name: 'kubeconfig', value }])
      },
      waitForReady: async () => {},
    }
  },
})
