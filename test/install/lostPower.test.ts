import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../until.ts'
import type { RunningServer } from '../listening.ts'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { runEvents } from './events.ts'
import { catchAt } from './moments.ts'
import { holdStart, letStart, nodeStatuses } from './nodes.ts'

/** The power goes while a release is moved to its place, at another move on each machine; then `apply` again. */

const workers = ['w1', 'w2', 'w3']
/** Moves of each machine that are done by then: the first, all but some (which could be the units), all but one. */
let moves: readonly (readonly [host: string, count: number])[]

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-lost-power-${process.pid}`, ['m1', ...workers])
  site = await openSite(lab, { servers: ['m1'], workers })
  server = await site.serve()
  const tarball = `${lab.artifactUrl}/${encodeURIComponent('v1.34.1+rke2r1')}/rke2.linux-amd64.tar.gz`
  const files = Number(await lab.read('m1', `curl -sf '${tarball}' | tar -tz | grep -vc '/$'`))
  moves = [
    ['w1', 1],
    ['w2', files - 4],
    ['w3', files - 1],
  ]
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

/** Until the next boot, whoever moves files of a release on the host stands still for ever after so many moves. */
const holdAfter = (host: string, count: number) =>
  lab.read(
    host,
    `echo ${count} > /run/hold
cat >> "$(readlink -f /usr/lib/python3.*/json/__init__.py)" <<'END'
import os, time
def _held(move):
    def rename(source, place, *more, **named):
        move(source, place, *more, **named)
        if os.path.exists("/run/hold") and "slipway-staging" in str(source) and "slipway-staging" not in str(place):
            with open("/run/moved", "a") as moved:
                moved.write("%s\\n" % place)
            with open("/run/moved") as moved, open("/run/hold") as hold:
                isHeld = len(moved.readlines()) == int(hold.read())
            while isHeld:
                time.sleep(1)
    return rename
os.rename, os.replace = _held(os.rename), _held(os.replace)
END`,
  )
const moved = async (host: string) =>
  (await lab.read(host, 'touch /run/moved; cat /run/moved')).split('\n').filter(Boolean)
/** What the release has put on the host, with the content's sum. */
const released = (host: string) =>
  lab.read(host, 'cd /usr/local && find bin lib share -path "*rke2*" -type f -exec sha256sum {} + | sort')

it('a release that was moved in part is completed by the next apply', async () => {
  await Promise.all(moves.map(([host, count]) => holdAfter(host, count)))
  const { ended } = await catchAt(
    site,
    server,
    ['apply', '-f', site.file, '--yes'],
    ({ type, stage }) => type === 'stage-started' && stage === 'rke2/prepare:w1',
  )
  for (const [host, count] of moves)
    await until(`${host} has moved ${count} files`, async () => (await moved(host)).length === count)
  await Promise.all(workers.map(host => lab.fault('kill', host)))
  expect((await ended).code).toBe(4)
  await Promise.all(workers.map(host => lab.fault('boot', host)))
  for (const [host, count] of moves) expect((await released(host)).split('\n'), host).toHaveLength(count)

  await site.done('apply', '-f', site.file, '--yes')
  expect(await nodeStatuses(site)).toEqual(['m1', ...workers].map(host => `${host} active`))
  const whole = await released('m1')
  expect(whole.split('\n')).toHaveLength((moves.at(-1)?.[1] ?? 0) + 1)
  for (const host of workers) expect(await released(host), host).toBe(whole)
})

it('a way to a host that is lost for a moment costs another try, and nobody has to ask for it', async () => {
  await site.write({ servers: ['m1'], workers, spec: { cluster_vars: { debug: true } } })
  await holdStart(lab, ['w1'], 'rke2-agent')
  const { run, ended } = await catchAt(
    site,
    server,
    ['apply', '-f', site.file, '--yes', '--accept', 'interruption'],
    ({ type, stage }) => type === 'progress' && stage === 'rke2/workers:w1',
  )
  const starting = async () => (await lab.exec('w1', 'systemctl show -p ActiveState rke2-agent')).stdout
  await until('w1 is being started', async () => (await starting()).includes('=activating'))
  const ssh = (verb: string) => lab.exec('w1', `systemctl ${verb} ssh.socket ssh.service; pkill -9 sshd`)
  await ssh('stop')
  for await (const { type } of runEvents(site, server, run, 0)) if (type === 'stage-retried') break
  await letStart(lab, ['w1'])
  await lab.exec('w1', 'systemctl start ssh')
  const { code, stdout, stderr } = await ended
  expect(code, stdout + stderr).toBe(0)
  expect(stdout + stderr).toMatch(/w1 .*cannot be reached[\s\S]*stage-retried  again in 3 s/)
  expect(await nodeStatuses(site)).toEqual(['m1', ...workers].map(host => `${host} active`))
})
