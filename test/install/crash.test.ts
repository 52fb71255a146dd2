import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { newestRun, runEvents, type SeenEvent } from './events.ts'
import { type InstallLab, labUp, openSite, run, type Server, type Site } from './harness.ts'

/**
 * The server is killed with -9 before, in and after every stage of one installation, and started again each time. The
 * installation goes on by itself and ends with the right cluster; no stage that was complete is executed again.
 */

const stages = ['rke2/prepare', 'rke2/initial-master', 'rke2/join:m2', 'rke2/join:m3', 'rke2/workers:w1', 'rke2/finish']
const hosts = ['m1', 'm2', 'm3', 'w1', 'w2']

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

describe.each(['pglite', 'postgres'] as const)(
  'an installation whose server is killed again and again, on %s',
  kind => {
    let lab: InstallLab
    let site: Site
    let server: Server
    const seen: SeenEvent[] = []
    const kills: string[] = []

    beforeAll(async () => {
      lab = await labUp(`test-crash-${kind}`, hosts)
      const environment = kind === 'postgres' ? { DATABASE_URL: await postgres.createDatabase('crash') } : {}
      site = await openSite(lab, { servers: hosts.slice(0, 3), workers: hosts.slice(3) }, environment)
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
        for await (const event of runEvents(site, server, found.id, seen.at(-1)?.seq ?? 0)) {
          seen.push(event)
          const moment = momentOf(event)
          if (!moment || !due.delete(moment)) continue
          kills.push(moment)
          await server.kill()
          server = await site.serve()
          break
        }
      }
    }

    it('is killed at each of the moments', () => {
      expect(kills.length).toBeGreaterThanOrEqual(stages.length * 2)
      for (const stage of stages.slice(0, -1))
        expect(kills).toEqual(expect.arrayContaining([`before ${stage}`, `after ${stage}`]))
    })

    it('ends with the right nodes and one etcd cluster', async () => {
      const nodes = z
        .array(z.object({ hostname: z.string(), status: z.string() }))
        .parse(JSON.parse(await site.done('nodes', 'demo', '-o', 'json')))
      expect(nodes.map(({ hostname, status }) => `${hostname} ${status}`)).toEqual(hosts.map(host => `${host} active`))
      const members = await Promise.all(['m1', 'm2', 'm3'].map(host => lab.ssh(host, etcdMembers)))
      for (const { stdout } of members)
        expect(stdout.trim().split('\n').toSorted()).toEqual([
          expect.stringMatching(/^m1-/),
          expect.stringMatching(/^m2-/),
          expect.stringMatching(/^m3-/),
        ])
      const initialised = await Promise.all(
        ['m1', 'm2', 'm3'].map(host =>
          lab.ssh(host, `journalctl -u rke2-server --no-pager | grep -c 'Managed etcd cluster initializing'`),
        ),
      )
      expect(initialised.map(({ stdout }) => stdout.trim())).toEqual(['1', '0', '0'])
    })

    it('repeats no stage that was complete, and loses no event', () => {
      expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
      for (const stage of stages) {
        const own = seen.filter(event => event.stage === stage)
        const ended = own.findIndex(({ type }) => type === 'stage-completed' || type === 'stage-skipped')
        expect(ended, stage).toBeGreaterThanOrEqual(0)
        expect(
          own.slice(ended + 1).filter(({ type }) => type === 'stage-started'),
          stage,
        ).toEqual([])
      }
    })

    it('leaves no child process behind', async () => {
      const { stdout } = await run('pgrep', ['-af', 'ansible/run.py|ansible-playbook'])
      expect(stdout.split('\n').filter(line => line.includes(site.home) || line.includes('ansible'))).toEqual([])
    })

    it('finds nothing to do afterwards', async () => {
      const again = await site.slipway('apply', '-f', site.file, '--yes')
      expect(again.stdout + again.stderr).toMatch(/nothing to do/i)
      expect(again.code).toBe(0)
    })
  },
)

const etcdMembers = `/var/lib/rancher/rke2/bin/etcdctl --endpoints https://127.0.0.1:2379 --cacert /var/lib/rancher/rke2/server/tls/etcd/server-ca.crt --cert /var/lib/rancher/rke2/server/tls/etcd/server-client.crt --key /var/lib/rancher/rke2/server/tls/etcd/server-client.key member list | awk -F', ' '{print $3}'`

function momentOf({ type, stage }: SeenEvent): string | undefined {
  if (!stage) return undefined
  // What comes first of a stage is its start; the moment before it is the end of the one before.
  if (type === 'stage-started') return `before ${stage}`
  if (type === 'progress' || type === 'host-result') return `in ${stage}`
  return type === 'stage-completed' ? `after ${stage}` : undefined
}
