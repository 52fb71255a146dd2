import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { idOf } from '../../lab/addresses.ts'
import { hostCgroup, isPopulated, keeperCgroup, killCgroup } from '../../lab/cgroup.ts'
import { Lab } from '../../lab/lab.ts'
import { isLocked } from '../../lab/lock.ts'
import { checkout, hostFolder, labFolder, labLock, nodeProgram } from '../../lab/places.ts'
import { until } from '../../lab/until.ts'
import { labCli, labCommand, on, ownName, sees, untilAnswers, whatIsLeftOf } from './harness.ts'

/** Nothing is left when `up` returns, unless another `up` on this machine had begun to clean before it. */
const untilSwept = (name: string): Promise<void> =>
  until(`nothing to be left of ${name}`, 5, async () => (await whatIsLeftOf(name)).length === 0)

test('two labs live side by side and do not see each other; nothing is left of either', async () => {
  const names = [ownName('left'), ownName('right')]
  const labs = await Promise.all(names.map(name => Lab.up({ name, hosts: 1 })))
  const [left, right] = labs
  if (!left || !right) throw new Error('no labs')
  expect(left.host('h1').address).not.toBe(right.host('h1').address)
  expect(await sees(left, 'h1', right.host('h1').address)).toBe(false)
  await left.down()
  expect(await whatIsLeftOf(left.name)).toEqual([])
  await untilAnswers(right, 'h1')
  await right.down()
  expect(await whatIsLeftOf(right.name)).toEqual([])
})

test('a lab outlives the command that made it, and up again prints the same', async () => {
  const name = ownName('outlives')
  const first = await labCli('up', '--name', name, '--hosts', '2')
  const second = await labCli('up', '--name', name, '--hosts', '2', '-o', 'json')
  expect(second.stdout).toBe(first.stdout)
  const { hosts } = JSON.parse(first.stdout)
  expect(Object.keys(hosts[0])).toEqual(['name', 'address', 'user', 'port', 'key_file'])
  await labCli('kill', name, 'h2')
  expect((await labCli('list')).stdout).toMatch(/h2 .* off/)
  expect((await labCli('up', '--name', name, '--hosts', '2')).stdout).toBe(first.stdout)
  expect((await labCli('ssh', name, 'h2', 'hostname')).stdout).toBe('h2')
  expect((await labCli('down', '--name', name)).exitCode).toBe(0)
  expect(await whatIsLeftOf(name)).toEqual([])
})

test('a lab of somebody else is refused and stays as it is, unless it is adopted: it then ends with the new owner', async () => {
  const name = ownName('theirs')
  const owner = spawn('sleep', ['1000'])
  const next = spawn('sleep', ['1000'])
  const up = (...more: string[]) => labCli('up', '--name', name, '--hosts', '1', ...more)
  expect((await up('--owner-pid', String(owner.pid))).exitCode).toBe(0)
  const refused = await up()
  expect([refused.exitCode, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toContain(`belongs to process ${owner.pid}`)
  await expect(Lab.up({ name, hosts: 1 })).rejects.toThrow('belongs to')
  const lab = Lab.open(name)
  expect(lab.ownerPid).toBe(owner.pid)

  const before = await on(lab, 'h1', 'cat /proc/sys/kernel/random/boot_id')
  expect((await up('--adopt', '--owner-pid', String(next.pid))).exitCode).toBe(0)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  // Also a keeper that had seen the end of the first owner waits for this, and leaves the lab alone.
  expect((await up('--owner-pid', String(next.pid))).exitCode).toBe(0)
  expect(await on(lab, 'h1', 'cat /proc/sys/kernel/random/boot_id')).toBe(before)
  next.kill('SIGKILL')
  await until(`${name} to be taken down`, 20, async () => (await whatIsLeftOf(name)).length === 0)
})

test('what is left of an owner that is gone is ended by the next up, which makes another lab of the name', async () => {
  const name = ownName('orphan')
  const owner = spawn('sleep', ['1000'])
  expect((await labCli('up', '--name', name, '--hosts', '1', '--owner-pid', String(owner.pid))).exitCode).toBe(0)
  const before = await on(Lab.open(name), 'h1', 'cat /etc/machine-id')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await using lab = await Lab.up({ name, hosts: 1 })
  expect(lab.ownerPid).toBe(process.pid)
  expect(await on(lab, 'h1', 'cat /etc/machine-id')).not.toBe(before)
})

test('the next lab of a name begins when the keeper has ended the one before, not while it does', async () => {
  const name = ownName('next')
  const owner = spawn('sleep', ['1000'])
  expect((await labCli('up', '--name', name, '--hosts', '1', '--owner-pid', String(owner.pid))).exitCode).toBe(0)
  owner.kill('SIGKILL')
  await until('the keeper to end the lab', 5, () => isLocked(labLock(name)))
  await using lab = await Lab.up({ name, hosts: 1 })
  expect(await on(lab, 'h1', 'hostname')).toBe('h1')
})

test('a lab ends with its owner, however that ended', async () => {
  const name = ownName('owned')
  const owner = spawn('sleep', ['1000'])
  const up = await labCli('up', '--name', name, '--hosts', '1', '--owner-pid', String(owner.pid))
  expect(up.exitCode).toBe(0)
  owner.kill('SIGKILL')
  await until(`${name} to be taken down`, 20, async () => (await whatIsLeftOf(name)).length === 0)
  const keepers = () => execa('pgrep', ['--full', `keeper.ts ${name}$`], { reject: false })
  await until('its keeper to end', 5, async () => (await keepers()).stdout === '')
})

test('a test process that is killed takes its lab with it', async () => {
  const name = ownName('abandoned')
  const script = `import { Lab } from '${checkout}/lab/lab.ts'
    await Lab.up({ name: '${name}', hosts: 1 })
    process.kill(process.pid, 'SIGKILL')`
  await execa(nodeProgram, ['--input-type=module', '--eval', script], { reject: false })
  await until(`${name} to be taken down`, 20, async () => (await whatIsLeftOf(name)).length === 0)
})

test("what 'up' leaves when it is killed half-way, the next up cleans", async () => {
  const name = ownName('half')
  const half = spawn(labCommand, ['up', '--name', name, '--hosts', '2'], { stdio: 'ignore' })
  await until('a host to start', 20, () => isPopulated(hostCgroup(idOf(labFolder(name)), 'h1')))
  half.kill('SIGKILL')
  expect(await whatIsLeftOf(name)).not.toEqual([])
  await using next = await Lab.up({ name: ownName('next'), hosts: 1 })
  expect(next.stateOf('h1')).toBe('on')
  await untilSwept(name)
})

test('a lab whose folder was removed by hand is cleaned by the next up', async () => {
  const name = ownName('lost')
  await Lab.up({ name, hosts: 1, ownerPid: null })
  rmSync(labFolder(name), { recursive: true })
  await using next = await Lab.up({ name: ownName('next'), hosts: 1 })
  expect(next.stateOf('h1')).toBe('on')
  await untilSwept(name)
})

test("up again brings back the release server when the lab's keeper was killed", async () => {
  await using lab = await Lab.up({ name: ownName('kept'), hosts: 1 })
  const serves = async (): Promise<boolean> =>
    (await fetch(`${lab.describe().artifact_url}/`).catch(() => null)) !== null
  expect(await serves()).toBe(true)
  await killCgroup(keeperCgroup(idOf(labFolder(lab.name))))
  expect(await serves()).toBe(false)
  await Lab.up({ name: lab.name, hosts: 1 })
  expect(await serves()).toBe(true)
})

test('a host that can not boot is an error with what it said, and the lab can be taken down', async () => {
  const name = ownName('broken')
  const lab = await Lab.up({ name, hosts: 1 })
  await lab.kill('h1')
  rmSync(join(hostFolder(name, 'h1'), 'disk'))
  await execa('truncate', ['--size', '1M', join(hostFolder(name, 'h1'), 'disk')])
  await expect(lab.boot('h1')).rejects.toThrow(/h1 ended while it booted:[^]*mount/)
  await lab.down()
  expect(existsSync(labFolder(name))).toBe(false)
  expect(await whatIsLeftOf(name)).toEqual([])
})
