import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newestRun, runEvents } from './events.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostPrint, systemPrint } from './hostPrint.ts'
import type { RunningServer } from '../listening.ts'
import { catchAt, follow } from './moments.ts'
import { etcdctl, holdStart, hostKubectl, nodeStatuses } from './nodes.ts'

/**
 * A whole cluster goes, with a machine out of reach and the server killed in each stage, and its machines become a new
 * one of its name; that one's uninstall is cancelled, and goes on.
 */

const names = ['m1', 'm2', 'w1', 'w2']
const cleaned = ['m1', 'm2', 'w1']

let lab: InstallLab
let site: Site
let server: RunningServer
let before: readonly string[]
let authority: string

beforeAll(async () => {
  lab = await labUp(`test-uninstall-${process.pid}`, names)
  before = await prints()
  site = await openSite(lab, { servers: ['m1', 'm2'], workers: ['w1', 'w2'] })
  server = await site.serve()
  await site.done('apply', '-f', site.file, '--yes', '--accept', 'even-servers')
  authority = await caOf('m1')
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const prints = () =>
  Promise.all(
    cleaned.map(async host => {
      // kubectl of the stand-in for RKE2 keeps what it has seen in root's home.
      const files = (await hostPrint(lab, host)).split('\n').filter(line => !line.startsWith('/root/.kube/'))
      return `${files.join('\n')}\n${await systemPrint(lab, host)}`
    }),
  )
const caOf = (host: string) => lab.read(host, 'sha256sum < /var/lib/rancher/rke2/server/tls/server-ca.crt')
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const uninstall = ['uninstall', 'demo', '--accept', 'data-loss']
const confirmed = [...uninstall, '--confirm', 'demo', '--yes']

describe('a cluster that is to be uninstalled', () => {
  it('is told with what is lost, and goes only where that is accepted and its name was typed', async () => {
    await lab.read('m1', 'rke2 etcd-snapshot save --name before-the-end')
    const shown = await site.done(...uninstall, '--dry-run')
    expect(shown).toMatch(/before-the-end-m1-\d+ of \S+, lies on m1, and goes with the others/)
    expect(shown).toMatch(/Uninstall w1, w2[^]*Uninstall m2[^]*Uninstall m1[^]*Take demo off the record/)
    const refusals = [
      [['uninstall', 'demo', '--confirm', 'demo'], '--accept data-loss'],
      [uninstall, '--confirm demo'],
      [[...uninstall, '--confirm', 'demo2'], '--confirm demo'],
    ] as const
    for (const [words, remedy] of refusals) {
      const refused = await site.slipway(...words, '--yes')
      expect(refused.code).toBe(5)
      expect(said(refused)).toContain(remedy)
    }
    expect(await nodeStatuses(site)).toEqual(names.map(name => `${name} active`))
  })

  it('leaves a server that another installation has taken over alone by its name only, and says that it goes on there', async () => {
    const record = '/var/lib/slipway/fence'
    await lab.read('m2', `cp -p ${record} /root/fence && echo '9 9 another demo' > ${record}`)
    const refused = said(await site.slipway(...uninstall, '--dry-run'))
    expect(refused).toMatch(/it belongs to cluster demo of another Slipway installation[^]*--accept left-alone:m2/)
    const shown = said(await site.slipway(...uninstall, '--accept', 'left-alone:m2', '--dry-run'))
    expect(shown).toContain('m2 is left out: left-alone, accepted (it belongs to cluster demo of another')
    expect(shown).toMatch(/the data of this very cluster is on m2, [^]*--accept cluster-lives-on/)
    expect(shown).toContain('all data goes with its 3 machines')
    await lab.read('m2', `mv /root/fence ${record}`)
  })

  it('goes, though its server is killed in each stage, and leaves nothing on the machines that are there', async () => {
    await lab.exec('w2', 'systemctl stop ssh.socket ssh.service; pkill -9 sshd')
    const ended = follow(site, [...confirmed, '--accept', 'unreachable:w2'])
    await killAt([
      'stage-completed rke2/uninstall:w1',
      'task rke2/uninstall:m2',
      'host-result rke2/uninstall:m1',
      'stage-started rke2/forget',
    ])
    expect(said(await ended)).toContain('w2 is left out: unreachable, accepted; it keeps what lies on it')
    expect((await ended).code).toBe(0)
    expect(await prints()).toEqual(before)
  })

  it('is off the record, and what was done to it is not', async () => {
    expect(await site.done('status')).not.toContain('demo')
    const gone = await site.slipway('nodes', 'demo')
    expect(gone.code).not.toBe(0)
    expect(said(gone)).toMatch(
      /there is no cluster demo any more: run \S+ uninstalled it, .*, without w2[^]*cleaned by hand/,
    )
    expect(await site.done('runs', 'demo')).toMatch(/completed\s+Uninstall demo/)
    expect(await site.done('events', 'demo')).toContain('w2')
  })
})

/** Kills the server at each of these moments of the newest run, `TYPE STAGE`, and starts it again. */
async function killAt(moments: readonly string[]): Promise<void> {
  const started = await newestRun(site, server)
  let run = started?.id
  let seq = 0
  for (const due = new Set(moments); due.size > 0; ) {
    const found = await newestRun(site, server)
    if (!found || (found.id === started?.id && found.status === 'completed')) continue
    if (found.id !== run) seq = 0
    run = found.id
    if (found.status === 'completed') throw new Error(`it ended before ${[...due].join(', ')}`)
    for await (const event of runEvents(site, server, run, seq)) {
      seq = event.seq
      if (!due.delete(`${event.type} ${event.stage}`)) continue
      await server.kill()
      server = await site.serve()
      break
    }
  }
}

describe('its machines', () => {
  it('become a cluster of the same name at once, with another CA', async () => {
    await site.write({ servers: ['m1'], workers: ['w1'] })
    await site.done('apply', '-f', site.file, '--yes')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    expect(await caOf('m1')).not.toBe(authority)
  })

  it('are free of a server whose join broke off, and that etcd knows as a learner without a Node', async () => {
    await holdStart(lab, ['m2'], 'rke2-server')
    await site.write({ servers: ['m1', 'm2'], workers: ['w1'] })
    const { run, ended } = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes', '--accept', 'even-servers'],
      event => event.type === 'task' && event.stage === 'rke2/join:m2',
    )
    await site.done('cancel', run)
    await ended
    await lab.read('m1', `${etcdctl} member add m2 --learner --peer-urls https://${lab.address('m2')}:2380`)
    expect(await nodeStatuses(site)).toContain('m2 installing')
    const shown = await site.done('scale', 'remove', 'demo', 'm2', '--yes')
    expect(shown).toBe('')
    expect(await lab.read('m1', `${etcdctl} member list`)).not.toContain(lab.address('m2'))
    expect(await lab.read('m1', `${hostKubectl} get nodes -o name`)).not.toContain('m2')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    await site.write({ servers: ['m1'], workers: ['w1'] })
    expect(await site.done('apply', '-f', site.file, '--yes')).toBe('demo: nothing to do\n')
    await lab.read('m2', 'rm -r /run/held /etc/systemd/system/rke2-server.service.d; systemctl daemon-reload')
  })

  it('are told of where the uninstall of that one is cancelled; an apply takes nothing back by itself', async () => {
    await lab.read('m1', 'rke2 etcd-snapshot save --name kept')
    const keeping = [...confirmed, '--keep-snapshots']
    const { run, ended } = await catchAt(
      site,
      server,
      keeping,
      event => event.type === 'stage-completed' && event.stage === 'rke2/uninstall:w1',
    )
    await site.done('cancel', run)
    expect(said(await ended)).toMatch(/not done: Uninstall m1/)
    expect(await nodeStatuses(site)).toMatchObject([expect.stringMatching(/^m1 /)])
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain(`run ${run} has begun to uninstall it, and did not end (wiped already: w1)`)
    const [, remedy = ''] =
      /, or slipway (uninstall demo .+?)\. To put/.exec(said(refused).replaceAll(/\s+/g, ' ')) ?? []
    expect(remedy).toBe('uninstall demo --keep-snapshots --accept data-loss')
    await site.done(...remedy.split(' '), '--confirm', 'demo', '--yes')
    expect(await lab.read('m1', 'cd /var/backups/slipway/demo-*; ls')).toMatch(
      /^before-removing-m2-m1-\d+\nkept-m1-\d+\ntoken$/,
    )
    await lab.read('m1', 'rm -r /var/backups/slipway')
    expect(await prints()).toEqual(before)
  })
})
