import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Play } from '../../src/ansible/playbook.ts'
import { processesMarked } from '../processes.ts'
import { errorsOf, openSite, outcomesOf, type Site } from './site.ts'

/** A change of what a service has read, and its restart: no crash between the two loses the restart. */

const mark = '/var/lib/slipway/restart-pending'
const parts = [
  { host: 'h1', unit: 'rke2-server', playbook: 'install_initial_master.yml', stage: 'initial_master' },
  { host: 'h2', unit: 'rke2-agent', playbook: 'install_workers.yml', stage: 'workers' },
] as const

let site: Site
beforeAll(async () => {
  site = await openSite('ansible-restart', ['initial_master', 'worker'])
  for (const { playbook, stage, host, unit } of parts) {
    expect(errorsOf(await site.play(playbook, stage))).toEqual([null])
    await site.read(host, `until systemctl is-active ${unit}; do sleep 0.1; done`)
  }
  await site.read('h1', 'd=/var/lib/rancher/rke2/server/db/etcd/member/wal; mkdir -p $d; touch $d/0.wal')
})
afterAll(() => site?.[Symbol.asyncDispose]())

const serviceOf = ({ host, unit, playbook, stage }: (typeof parts)[number]) => {
  const proxy = (port: number) => ({ rke2_environment: [{ key: 'HTTPS_PROXY', value: `http://proxy:${port}` }] })
  const play = (port: number, restart: boolean, more: Partial<Play> = {}) =>
    site.play(playbook, stage, { ...proxy(port), rke2_prepared: true, rke2_restart: restart }, more)
  const outcomes = async (port: number, restart: boolean, more: Partial<Play> = {}) => {
    const played = await play(port, restart, more)
    await site.read(host, `until systemctl is-active ${unit}; do sleep 0.1; done`)
    return outcomesOf(played, host)
  }
  const invocation = () => site.read(host, `systemctl show -P InvocationID ${unit}`)
  const marked = () => site.printed(host, `cat ${mark} 2>/dev/null`)
  /** The proxy that the process itself was started with. */
  const running = () =>
    site.printed(host, `tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID ${unit})/environ | grep -o 'proxy:.*'`)
  return { play, outcomes, invocation, marked, running }
}

test.each(parts)(
  '$unit is restarted by the next play when the one that changed it was killed before it came to that',
  async part => {
    const { host, unit } = part
    const { play, outcomes, invocation, running } = serviceOf(part)
    const [before, settings] = [await invocation(), await running()]
    // Lets one module through, and the next one never.
    const held = `[ ! -e /run/held ] || { echo $$ > /run/held; while :; do sleep 1; done; }
python3 "$@"; code=$?; echo > /run/held; exit $code`
    await site.read(host, `printf '%s\\n' '#!/bin/sh' '${held}' > /root/one-python; chmod +x /root/one-python`)
    const attempt = `restart-${unit}-${process.pid}`
    const lost = play(2, true, { python: '/root/one-python', environment: { SLIPWAY_ATTEMPT: attempt } }).catch(
      (error: unknown) => error,
    )
    await site.read(host, 'until [ -s /run/held ] && [ "$(cat /run/held)" ]; do sleep 0.1; done')
    for (const pid of processesMarked(`SLIPWAY_ATTEMPT=${attempt}`)) process.kill(pid, 'SIGKILL')
    await lost
    await site.read(host, 'kill -9 $(cat /run/held); rm /run/held')
    expect(await site.read(host, `cat /etc/default/${unit}`)).toContain('proxy:2')
    expect(await invocation()).toBe(before)
    expect(await running()).toBe(settings)

    expect(await outcomes(2, true, { check: true })).toEqual(['skipped', 'ok', 'changed'])
    expect(await outcomes(2, false)).toEqual(['skipped', 'ok', 'ok'])
    expect(await invocation()).toBe(before)
    expect(await outcomes(2, true)).toEqual(['skipped', 'ok', 'changed'])
    expect(await running()).toBe('proxy:2')
    expect(await outcomes(2, true)).toEqual(['skipped', 'ok', 'ok'])
  },
)

describe('a service', () => {
  const { host, unit } = parts[0]
  const { outcomes, invocation, marked, running } = serviceOf(parts[0])

  test('is restarted once for a change, and a dry run says so before and after', async () => {
    const before = await invocation()
    expect(await outcomes(1, true, { check: true })).toEqual(['skipped', 'changed', 'changed'])
    expect(await marked()).toBe('')
    expect(await outcomes(1, true)).toEqual(['skipped', 'changed', 'changed'])
    const after = await invocation()
    expect(after).not.toBe(before)
    expect(await running()).toBe('proxy:1')
    expect(await outcomes(1, true, { check: true })).toEqual(['skipped', 'ok', 'ok'])
    expect(await outcomes(1, true)).toEqual(['skipped', 'ok', 'ok'])
    expect(await invocation()).toBe(after)
    expect(await marked()).toBe('')
  })

  test('counts as restarted when somebody else has restarted it, or the host was booted', async () => {
    for (const [port, restart] of [
      [3, () => site.read(host, `systemctl restart ${unit}`)],
      [4, () => reboot(host)],
    ] as const) {
      expect(await outcomes(port, false)).toEqual(['skipped', 'changed', 'ok'])
      expect(await outcomes(port, true, { check: true })).toEqual(['skipped', 'ok', 'changed'])
      await restart()
      const after = await invocation()
      expect(await outcomes(port, true)).toEqual(['skipped', 'ok', 'ok'])
      expect(await invocation()).toBe(after)
      expect(await running()).toBe(`proxy:${port}`)
    }
  })

  test('is restarted when a host went down amid the change, though systemd has started it since', async () => {
    await site.read(host, `echo ${unit} > ${mark}; systemctl restart ${unit}`)
    const before = await invocation()
    expect(await outcomes(4, true)).toEqual(['skipped', 'ok', 'changed'])
    expect(await invocation()).not.toBe(before)
    expect(await outcomes(4, true, { check: true })).toEqual(['skipped', 'ok', 'ok'])
  })

  test('need not be restarted for a change that came while it did not run', async () => {
    await site.read(host, `systemctl stop ${unit}`)
    expect(await outcomes(5, true)).toEqual(['skipped', 'changed', 'changed'])
    expect(await marked()).toBe('')
    expect(await running()).toBe('proxy:5')
    expect(await outcomes(5, true)).toEqual(['skipped', 'ok', 'ok'])
  })
})

async function reboot(host: string): Promise<void> {
  await site.lab.kill(host)
  await site.lab.boot(host)
}

test('the first server is not to be restarted when it is told of the others', async () => {
  const joins = site.variables({ rke2_bootstrap: false }, { h1: 'https://10.0.0.9:9345' })
  const finished = await site.play('finish_initial_master.yml', 'initial_master', {}, { variables: joins })
  expect(outcomesOf(finished, 'h1')).toEqual(['changed'])
  expect(await site.printed('h1', `cat ${mark} 2>/dev/null`)).toBe('')
})
