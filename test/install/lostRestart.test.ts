import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt } from './moments.ts'
import { nodeStatuses } from './nodes.ts'
import { until } from '../until.ts'

/** Settings of a cluster that runs are changed, and the work ends between the new configuration and the restart. */

const workers = ['w1', 'w2']
const changed = { servers: ['m1'], workers, spec: { cluster_vars: { debug: true } } }
const change = z.object({ effect: z.string(), target: z.string() })
const planShape = z.object({
  stages: z.array(z.object({ decision: z.object({ changes: z.array(change).default([]) }) })),
})

let lab: InstallLab
let site: Site
let server: RunningServer
/** The first apply, which follows its run over the crash. */
let following: Promise<Finished>

beforeAll(async () => {
  lab = await labUp(`test-lost-restart-${process.pid}`, ['m1', ...workers])
  site = await openSite(lab, { servers: ['m1'], workers })
  server = await site.serve()
  await site.done('apply', '-f', site.file, '--yes', '--accept', 'few-cpus')
  await site.write(changed)
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const apply = () => ['apply', '-f', site.file, '--yes', '--accept', 'interruption']
const on = (host: string, command: string) => lab.read(host, command)
const invocation = (host: string) =>
  on(host, `systemctl show -P InvocationID rke2-${host === 'm1' ? 'server' : 'agent'}`)

/** From the moment that the host's configuration is written, nobody acts on it under the fence until `letGo`. */
async function holdAfterWriting(host: string): Promise<void> {
  const wait = `i=$(stat -c %i $f); while [ "$(stat -c %i $f)" = "$i" ]; do sleep 0.02; done; exec flock -x /var/lib/slipway/lock sleep 600`
  await on(
    host,
    `systemd-run --quiet --unit holder sh -c 'f=/etc/rancher/rke2/config.yaml; ${wait.replaceAll("'", '')}'`,
  )
}

/** Waits until somebody waits to act on the host. */
const isHeld = (host: string) =>
  until(`${host} is held`, async () => (await lab.exec(host, `pgrep -f '^flock -s'`)).code === 0)

/** Whoever waited to act on the host is dead by then. */
const letGo = (host: string) => on(host, `kill -9 $(pgrep -f '^flock -s'); systemctl stop holder`)

async function plannedChanges(): Promise<readonly string[]> {
  const plan = await site.slipway('plan', '-f', site.file, '-o', 'json', '--accept', 'interruption')
  const { stages } = planShape.parse(JSON.parse(plan.stdout))
  return stages.flatMap(({ decision }) => decision.changes.map(({ effect, target }) => `${effect} ${target}`))
}

it('a server is restarted when the run goes on that was killed before it came to that', async () => {
  const before = await invocation('m1')
  await Promise.all(['m1', ...workers].map(holdAfterWriting))
  const { ended } = await catchAt(
    site,
    server,
    apply(),
    ({ type, message }) => type === 'task' && message === 'Write the configuration',
  )
  await isHeld('m1')
  await server.kill()
  expect(await on('m1', 'cat /etc/rancher/rke2/config.yaml')).toContain('debug: true')
  await letGo('m1')
  expect(await invocation('m1')).toBe(before)
  server = await site.serve()
  await until('m1 was restarted', async () => (await invocation('m1')) !== before)
  following = ended
}, 120_000)

it('agents are restarted by the next apply after a cancelled one, but those that were booted since are left', async () => {
  await Promise.all(workers.map(isHeld))
  const [run] = z
    .array(z.object({ id: z.string() }))
    .parse(JSON.parse(await site.done('runs', site.cluster, '-o', 'json')))
  const before = await invocation('w1')
  await site.done('cancel', run?.id ?? '')
  expect((await following).stderr).toContain('cancelled')
  await Promise.all(workers.map(letGo))
  await lab.fault('kill', 'w2')
  await lab.fault('boot', 'w2')
  await until('w2 is back', async () => (await on('w2', 'systemctl is-active rke2-agent || true')) === 'active')
  expect(await invocation('w1')).toBe(before)
  expect(await plannedChanges()).toEqual(['restart node/w1/service', 'create node/w1/membership'])
  const booted = await invocation('w2')

  await site.done(...apply())
  expect(await invocation('w1')).not.toBe(before)
  expect(await invocation('w2')).toBe(booted)
  expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active', 'w2 active'])
  expect(await plannedChanges()).toEqual([])
}, 120_000)
