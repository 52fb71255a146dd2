import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeVipText } from '../../src/distributions/rke2/vip/kubeVip.ts'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import {
  type ClusterOptions,
  type Finished,
  type InstallLab,
  kubectl,
  labUp,
  openSite,
  run,
  type Site,
} from './harness.ts'
import type { SeenEvent } from './events.ts'
import { catchAt } from './moments.ts'
import { nodeStatuses } from './nodes.ts'

/** A VIP that Slipway puts on the servers, held by a real keepalived. */

const servers = ['m1', 'm2', 'm3']

let lab: InstallLab
let site: Site
let server: RunningServer
let vip: string

beforeAll(async () => {
  lab = await labUp(`test-vip-${process.pid}`, [...servers, 'w1'])
  vip = lab.address('m1').replace(/\d+$/, '100')
  site = await openSite(lab, cluster())
  server = await site.serve()
  // Where it was there before it stays when the VIP goes.
  const install = 'apt-get update -qq && apt-get install -qq -y --no-install-recommends keepalived >/dev/null'
  await Promise.all(['m2', 'm3'].map(host => lab.read(host, install)))
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const cluster = (over: Partial<ClusterOptions> = {}): ClusterOptions => ({
  servers,
  workers: ['w1'],
  spec: { ready_timeout_s: 90, vip: { address: vip } },
  ...over,
})
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const holders = async (some: readonly string[] = servers) => {
  const seen = await Promise.all(
    some.map(async host => ((await lab.read(host, 'ip -o address show')).includes(`${vip}/32`) ? [host] : [])),
  )
  return seen.flat()
}
/** The server that holds the VIP, which no other one does. */
const holder = async (some?: readonly string[]) => {
  const found = await holders(some)
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}
const nodesOverVip = async () => {
  const kubeconfig = join(site.home, 'kubeconfig')
  await writeFile(kubeconfig, await site.done('kubeconfig', 'demo'), { mode: 0o600 })
  const { stdout, stderr } = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'name'])
  return stdout.trim().split('\n').toSorted().join(' ') + stderr
}
const configuration = '/etc/keepalived/slipway-vip.conf'
/** What there is of keepalived, and of ours in it. */
const left = (host: string) =>
  lab.read(
    host,
    `ls -d ${configuration} /usr/sbin/keepalived /usr/libexec/keepalived /etc/systemd/system/slipway* 2>/dev/null || true`,
  )
const apply = (...more: readonly string[]) => site.slipway('apply', '-f', site.file, '--yes', ...more)
const nothingToDo = async () => expect(await site.done('apply', '-f', site.file, '--yes')).toBe('demo: nothing to do\n')
/** Asks the API at the VIP twice a second, as people do; `stop` says for how long at most nobody answered, s. */
async function watchVip(from: string) {
  const ask = `while [ ! -e /run/asked ]; do curl -sk -m 1 -o /dev/null https://${vip}:6443/ && date +%s.%N; sleep 0.2; done > /run/answers`
  await lab.read(from, 'rm -f /run/asked /run/answers')
  const asking = lab.exec(from, ask)
  // One whose test has failed ends with its host.
  asking.catch(() => undefined)
  return async () => {
    await lab.read(from, 'touch /run/asked')
    await asking
    const times = (await lab.read(from, 'cat /run/answers')).split('\n').map(Number)
    return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
  }
}

describe('an installation with a VIP', () => {
  it('is refused where somebody on the network has the address already', async () => {
    await lab.read('w1', `ip address add ${vip}/32 dev eth0`)
    const refused = await site.slipway('plan', '-f', site.file)
    await lab.read('w1', `ip address delete ${vip}/32 dev eth0`)
    expect([refused.code, said(refused)]).toEqual([
      5,
      expect.stringMatching(/vip\.address: \S+ is answered by 02:\S+ already.*\(asked from m1\)/),
    ])
  })

  it('ends well, also when the server of Slipway is killed while it puts the VIP there', async () => {
    // keepalived is there, and does not hold the VIP yet.
    const isPlaced = ({ type, stage }: SeenEvent) => type === 'task' && stage === 'rke2/vip'
    const caught = await catchAt(site, server, ['apply', '-f', site.file, '--yes'], isPlaced)
    process.kill(server.pid, 'SIGKILL')
    server = await site.serve()
    const ended = await caught.ended
    expect([ended.code, said(ended)]).toEqual([0, expect.stringContaining('completed')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active', 'w1 active'])
    // Before anybody joined; and they joined at it.
    expect(said(ended)).toContain(`the cluster answers at ${vip} (9345 and 6443, asked from m2)`)
    for (const host of ['m2', 'm3', 'w1', 'm1'])
      expect(await lab.read(host, 'cat /etc/rancher/rke2/config.yaml')).toContain(`server: "https://${vip}:9345"`)
    expect(await holder()).toBe('m1')
    expect(await nodesOverVip()).toBe('node/m1 node/m2 node/m3 node/w1')
    const written = await lab.read('m2', `stat -c '%a %U' ${configuration}; cat ${configuration}`)
    const [, password] = /^600 root\n[^]*auth_pass (\S{8})\n/.exec(written) ?? []
    const log = await site.done('logs', caught.run)
    expect(log).toContain('Put the VIP there')
    for (const text of [log, said(ended)]) expect(text).not.toContain(password ?? '')
    await nothingToDo()
  })

  it('would be held by a pod that the API server takes as well', async () => {
    const pod = join(site.home, 'kube-vip.yaml')
    const image = 'mirror.example/kube-vip:v1'
    await writeFile(pod, kubeVipText({ hostname: 'm1', address: vip, vipInterface: 'eth0', image }))
    const kubeconfig = join(site.home, 'kubeconfig')
    const taken = await run(kubectl, [
      '--kubeconfig',
      kubeconfig,
      'create',
      '--dry-run=server',
      '--validate=strict',
      '-f',
      pod,
    ])
    expect([taken.code, said(taken)]).toEqual([0, 'pod/kube-vip created (server dry run)\n'])
  })
})

describe('the VIP', () => {
  // Whoever of the two is the first to miss the one that held it; on a loaded machine either may be.
  let heir: string
  let other: string

  it('goes to another server within seconds when RKE2 ends on the one that holds it, and stays there', async () => {
    const stop = await watchVip('w1')
    await lab.read('m1', 'systemctl stop rke2-server')
    await until('another server holds it', async () => (await holders(['m2', 'm3'])).length === 1)
    heir = await holder()
    other = heir === 'm2' ? 'm3' : 'm2'
    expect(await nodesOverVip()).toBe('node/m1 node/m2 node/m3 node/w1')
    expect(await stop()).toBeLessThan(10)
    await lab.read('m1', 'systemctl start rke2-server')
    expect(await holder()).toBe(heir)
  })

  it('is looked after by status and apply: an edited configuration, a service that was stopped', async () => {
    await lab.read(other, `sed -i /unicast_peer/,/}/d ${configuration}`)
    await lab.read('m1', 'systemctl disable --now slipway-vip')
    const told = await site.slipway('status', 'demo')
    expect([told.code, said(told)]).toEqual([3, expect.stringContaining(`write ${configuration} anew`)])
    expect(said(told)).toContain('enable and start slipway-vip')
    const repaired = await apply()
    expect([repaired.code, said(repaired)]).toEqual([0, expect.stringContaining('completed')])
    expect(await lab.read(other, `grep -c ${lab.address('m1')} ${configuration}`)).toBe('1')
    expect(await holder()).toBe(heir)
    await nothingToDo()
  })

  it('stays with the others when its holder leaves, and those forget it', async () => {
    const stop = await watchVip('w1')
    const removed = await site.slipway('scale', 'remove', 'demo', heir, '--accept', 'even-servers', '--yes')
    expect([removed.code, said(removed)]).toEqual([0, expect.stringContaining('completed')])
    expect(await stop()).toBeLessThan(5)
    expect(await left(heir)).toBe('/usr/sbin/keepalived')
    expect(await holders([heir])).toEqual([])
    for (const host of ['m1', other])
      expect(await lab.exec(host, `grep ${lab.address(heir)} ${configuration}`)).toMatchObject({ code: 1 })
    await holder(['m1', other])
  })

  it('goes where the file names none any more, after everybody was told of another endpoint', async () => {
    await site.write(cluster({ servers: ['m1', other], spec: { ready_timeout_s: 90 } }))
    const gone = await apply('--accept', 'even-servers', '--accept', 'interruption')
    expect([gone.code, said(gone)]).toEqual([0, expect.stringContaining('completed')])
    expect(await holders()).toEqual([])
    expect(await site.done('kubeconfig', 'demo')).toContain(`https://${lab.address('m1')}:6443`)
    expect(await lab.read(other, 'cat /etc/rancher/rke2/config.yaml')).not.toContain(vip)
    expect([await left('m1'), await left(other)]).toEqual(['', '/usr/sbin/keepalived'])
  })
})
