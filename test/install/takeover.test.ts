import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { runEvents, type SeenEvent } from './events.ts'
import { type RunningServer, untilListening } from '../listening.ts'
import { type InstallLab, labUp, openSite, type Site, slipwayCommand } from './harness.ts'
import { catchAt } from './moments.ts'
import { bootstraps, nodeStatuses } from './nodes.ts'
import { environmentValue, processesMarked } from '../processes.ts'
import { until } from '../until.ts'

/**
 * Two servers share a PostgreSQL database. The one that executes stands still in the middle of a stage, with its
 * Ansible; the other one takes over; then the old one wakes up and goes on with what it had in mind.
 */

const stage = 'rke2/initial-master'

let postgres: PostgresServer
let database: string
let lab: InstallLab
let old: Site
let fresh: Site
let oldServer: { readonly process: ChildProcess; readonly server: RunningServer; log(): string }
let freshServer: RunningServer
const seen: SeenEvent[] = []
let run = ''
let marks: readonly string[] = []
/** Ids of what stands still. */
let stopped: readonly number[] = []

beforeAll(async () => {
  ;[postgres, lab] = await Promise.all([startPostgres(), labUp(`test-takeover-${process.pid}`, ['m1', 'w1'])])
  database = await postgres.createDatabase('takeover')
  const options = { servers: ['m1'], workers: ['w1'], spec: { ready_timeout_s: 60 } }
  old = await openSite(lab, options, { DATABASE_URL: database })
  fresh = await openSite(lab, options, { DATABASE_URL: database })
  await recordMarks('m1')
  oldServer = await listening(old.start('serve', '--port', '0', '-o', 'json'))
  // One installation has one key for its secrets, on however many machines it is served.
  await copyFile(join(old.home, 'sealing-key'), join(fresh.home, 'sealing-key'))

  const caught = await catchAt(
    old,
    oldServer.server,
    ['apply', '-f', old.file, '--yes'],
    event => event.type === 'stage-started' && event.stage === stage,
  )
  run = caught.run
  const attempt = `SLIPWAY_ATTEMPT=${run}/${stage}/1\0`
  await until('a module of the stage stands before the fence', () => onHost('test -e /run/held'))
  stopped = standStill(oldServer.process, environmentValue(processesMarked(attempt)[0] ?? 0, 'SLIPWAY_WORKER'))

  freshServer = (await listening(startElsewhere(fresh, 'serve', '--port', '0', '-o', 'json'))).server
  for await (const event of runEvents(fresh, freshServer, run, 0)) {
    seen.push(event)
    if (event.type !== 'run-taken-over') continue
    // Its Ansible wakes up first: nobody but the hosts can stop it.
    await until('the host has the fence of the new worker', () => onHost('grep -q "^[0-9]* 2 " /var/lib/slipway/fence'))
    expect(await onHost('rm /run/hold')).toBe(true)
    wakeUp()
    await until('the old play has ended', () => processesMarked(attempt, 'run.py').length === 0)
    oldServer.process.kill('SIGCONT')
  }
  marks = (await lab.read('m1', 'cat /var/log/marks')).split('\n')
  await caught.ended
})
afterAll(async () => {
  // Only after a failure: what stands still can't be ended in good order.
  wakeUp()
  oldServer?.process.kill('SIGCONT')
  await freshServer?.stop()
  await oldServer?.server.stop()
  await Promise.all([old?.[Symbol.asyncDispose](), fresh?.[Symbol.asyncDispose]()])
  await lab?.down()
  await postgres?.stop()
})

describe('a worker that wakes up after a takeover', () => {
  it('changes nothing on record: the run is the new worker’s', async () => {
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
    const after = seen.slice(seen.findIndex(({ type }) => type === 'run-taken-over') + 1)
    expect(
      after.filter(event => event.stage === stage && event.attempt === 1 && event.type !== 'stage-waiting'),
    ).toEqual([])
    expect(seen.at(-1)?.type).toBe('run-completed')
    expect(await attempts()).toEqual([
      { number: 1, fence: 1, status: 'interrupted' },
      { number: 2, fence: 2, status: 'completed' },
    ])
    expect(await fresh.done('logs', run)).not.toMatch(/this worker has/)
    await expect.poll(() => oldServer.log(), { timeout: 30_000 }).toMatch(/no longer holds/)
    expect(oldServer.process.exitCode).toBeNull()
  })

  it('is refused by the hosts: no module of its play does anything', () => {
    const late = marks.filter(line => / \d+\.1@.* is at \d+ 2$/.test(line))
    expect(late.filter(line => line.startsWith('came'))).not.toEqual([])
    expect(late.filter(line => line.startsWith('passed'))).toEqual([])
    // What came in time did pass, and so does the new worker's.
    for (const number of [1, 2])
      expect(marks.some(line => new RegExp(`^passed \\d+\\.${number}@.* is at \\d+ ${number}$`).test(line))).toBe(true)
  })

  it('leaves one cluster, and none of its processes', async () => {
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
    expect(await nodeStatuses(fresh)).toEqual(['m1 active', 'w1 active'])
    expect(await nodeStatuses(old)).toEqual(['m1 active', 'w1 active'])
    await until('all its children are gone', () => processesMarked(`SLIPWAY_ATTEMPT=${run}/`).length === 0)
  })
})

/** Whether a command on the first server ends with 0. */
const onHost = async (command: string): Promise<boolean> => (await lab.exec('m1', command)).code === 0

/**
 * Every command that comes to the host's fence is written down, and every module of Ansible that has passed it. The
 * first one of the stage is held before the fence as long as `/run/hold` exists; `/run/held` says that it is there.
 */
async function recordMarks(host: string): Promise<void> {
  await lab.read(
    host,
    `touch /run/hold
cat > /usr/local/bin/flock <<'END'
#!/bin/sh
case $SLIPWAY_FENCE in *.1@*)
  if [ -e /var/lib/slipway/release.json ] && [ ! -e /etc/rancher/rke2/config.yaml ]; then
    while [ -e /run/hold ]; do touch /run/held; sleep 0.05; done
  fi
esac
echo "came $SLIPWAY_FENCE, the host is at $(cut -d' ' -f1,2 /var/lib/slipway/fence)" >> /var/log/marks
exec /usr/bin/flock "$@"
END
chmod +x /usr/local/bin/flock
cat >> "$(readlink -f /usr/lib/python3.*/json/__init__.py)" <<'END'
import os
if os.environ.get("SLIPWAY_FENCE"):
    with open("/var/log/marks", "a") as marks, open("/var/lib/slipway/fence") as fence:
        marks.write("passed %s, the host is at %s\\n" % (os.environ["SLIPWAY_FENCE"], " ".join(fence.read().split()[:2])))
END`,
  )
}

/**
 * As on another machine: it sees no process and no file in memory of anybody else; only the database and the hosts are
 * shared. What this machine could do to the old worker's processes is not the question here.
 */
function startElsewhere(site: Site, ...args: readonly string[]): ChildProcess {
  const alone = ['--pid', '--fork', '--kill-child=SIGTERM', '--mount-proc']
  const inMemory = 'mount -t tmpfs none /dev/shm && exec "$@"'
  return spawn('unshare', [...alone, 'sh', '-c', inMemory, 'sh', slipwayCommand, ...args], {
    env: { ...process.env, SLIPWAY_HOME: site.home, DATABASE_URL: database },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The process itself, or the one that `unshare` waits for: it hands no signal on. */
const innermost = (pid: number): number => {
  if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'unshare\n') return pid
  return Number(spawnSync('pgrep', ['--parent', String(pid)], { encoding: 'utf8' }).stdout)
}

/** A server that has begun to listen, with its log at hand. */
async function listening(child: ChildProcess): Promise<typeof oldServer> {
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const server = await untilListening(child, name => process.kill(innermost(child.pid ?? 0), name))
  return { process: child, server, log: () => log }
}

/** Stops a server and all that it has started, to the last one that forks meanwhile. Returns its children. */
function standStill(server: ChildProcess, worker: string): readonly number[] {
  server.kill('SIGSTOP')
  const stopped = new Set<number>()
  for (;;) {
    const more = processesMarked(`SLIPWAY_WORKER=${worker}\0`).filter(pid => !stopped.has(pid))
    if (more.length === 0) return [...stopped]
    for (const pid of more) {
      process.kill(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
}

function wakeUp(): void {
  for (const pid of stopped) process.kill(pid, 'SIGCONT')
  stopped = []
}

async function attempts() {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const { rows } = await client.query(
      'SELECT number, fence::integer, status FROM attempts WHERE run = $1 AND stage = $2 ORDER BY number',
      [run, stage],
    )
    return z.array(z.object({ number: z.int(), fence: z.int(), status: z.string() })).parse(rows)
  } finally {
    await client.end()
  }
}
