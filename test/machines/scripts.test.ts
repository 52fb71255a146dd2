import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { checkout } from '../../lab/places.ts'
import { type Desk, type Ended, openDesk } from '../cli/command.ts'
import { ownName } from '../lab/harness.ts'
import { until } from '../until.ts'

/** scripts/provision-vm.sh and destroy-vm.sh, as somebody uses them who knows no other command, with machines of a lab. */

let lab: Lab
let desk: Desk
beforeAll(async () => {
  execFileSync(join(checkout, 'scripts/setup'), ['tofu', 'build'], { stdio: 'ignore' })
  lab = await Lab.up({ name: ownName('scripts'), hosts: 0 })
  desk = await openDesk({ environment: { SLIPWAY_PROVIDERS: join(checkout, 'lab/machines') } })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')])
  const settings = {
    provider: 'lab',
    lab: { lab: lab.name, program: join(checkout, 'lab/lab') },
    ssh: { user: 'ops', key_file: 'key' },
  }
  writeFileSync(
    at('machines.yaml'),
    JSON.stringify({
      apiVersion: 'slipway/v1',
      kind: 'Machines',
      spec: { ...settings, machines: [{ name: 'dev-vm' }] },
    }),
  )
  mkdirSync(at('ansible'))
  writeFileSync(at('ansible/playbook.yml'), playbook)
  mkdirSync(at('dotfiles'))
  writeFileSync(at('dotfiles/install.sh'), '#!/bin/sh\n', { mode: 0o755 })
  await desk.serve()
})
afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await lab.down()
})

/** Fails on hosts that have a file `fail-NAME` beside it, and waits on those that have `hold-NAME`. */
const playbook = `
- hosts: vms
  gather_facts: false
  tasks:
    - ansible.builtin.raw: cat /etc/hostname
      register: seen
    - ansible.builtin.debug:
        msg: "on {{ seen.stdout | trim }}: {{ dotfiles_local_path | default('none') }} {{ minimal_test | default(false) }}"
    - name: wait
      ansible.builtin.pause: { seconds: 60 }
      when: lookup('ansible.builtin.fileglob', playbook_dir ~ '/hold-' ~ inventory_hostname) | length > 0
    - ansible.builtin.fail: { msg: meant to fail }
      when: lookup('ansible.builtin.fileglob', playbook_dir ~ '/fail-' ~ inventory_hostname) | length > 0
`
const at = (path: string) => join(desk.folder, path)
const script = (name: 'provision' | 'destroy', ...words: readonly string[]): Promise<Ended> =>
  desk.shell([join(checkout, `scripts/${name}-vm.sh`), ...words.map(word => `'${word}'`)].join(' '))
const fragments = () => readdirSync(at('ansible/inventory.d')).toSorted()
const inventory = () => readFileSync(at('ansible/inventory.ini'), 'utf8')
const hosts = () => [...inventory().matchAll(/^(\S+) ansible_host=/gm)].map(([, name]) => name)
const machines = async () => {
  const listed: { name: string; status: string }[] = JSON.parse(
    (await desk.slipway(['machine', 'list', '-o', 'json'])).stdout,
  )
  return listed.map(({ name, status }) => `${name} ${status}`)
}
const check = (...words: readonly string[]) => desk.slipway(['machine', 'check', '--inventory', 'ansible', ...words])

describe('before anything is made', () => {
  it('a dry run shows the plan and what follows, and touches nothing', async () => {
    const before = readdirSync(desk.folder, { recursive: true }).filter(name => !String(name).startsWith('home'))
    const { code, stdout, stderr } = await script('provision', 'dev-vm', '2048', '2', '--dry-run')
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('run ansible/playbook.yml on dev-vm'),
    })
    expect(stdout).toContain('+ create terraform_data.machine')
    expect(readdirSync(desk.folder, { recursive: true }).filter(name => !String(name).startsWith('home'))).toEqual(
      before,
    )
    expect(await machines()).toEqual([])
  })

  it.each([
    ['a name with a blank', ['dev vm', '2048', '2'], 'no name of a machine'],
    ['memory with a unit', ['dev-vm', '4 GB', '2'], 'neither a number of MiB nor a login'],
    ['no processor', ['dev-vm', '2048', '0'], 'CPUS is a number: 2, not "0"'],
    ['dotfiles that are relative', ['dev-vm', '--test-dotfiles', 'dotfiles'], 'absolute'],
    ['an unknown option', ['dev-vm', '--keep'], 'unknown option'],
    ['no playbook', ['dev-vm', '--playbook', 'missing.yml'], 'there is no playbook missing.yml'],
  ])('%s is refused', async (_what, words, message) => {
    expect(await script('provision', ...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
    expect(readdirSync(at('ansible'))).toEqual(['playbook.yml'])
  })

  it('nothing that was asked for shows how it is used, and so does --help', async () => {
    const usage = expect.stringMatching(/NAME MEMORY CPUS[^]*--keep-on-failure[^]*Exit codes: 0 done/)
    expect(await script('provision')).toMatchObject({ code: 2, stdout: usage })
    expect(await script('provision', '--help')).toMatchObject({ code: 0, stdout: usage, stderr: '' })
    const destroying = expect.stringMatching(/NAME is dev-vm where none is given[^]*Exit codes: 0 done/)
    expect(await script('destroy', '--help')).toMatchObject({ code: 0, stdout: destroying, stderr: '' })
  })

  it('an inventory that somebody else has written is left alone, and nothing is made', async () => {
    writeFileSync(at('ansible/inventory.ini'), '[vms]\n10.0.0.9\n')
    const { code, stderr } = await script('provision', 'dev-vm')
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringMatching(/mv \S+inventory\.ini/) })
    expect(inventory()).toBe('[vms]\n10.0.0.9\n')
    expect(await machines()).toEqual([])
    // As the remedy says: what is to stay goes on as a fragment.
    await desk.shell('mv ansible/inventory.ini ansible/inventory.d/others.ini')
  })
})

describe('a machine', () => {
  it('is made, listed with its host key beside what others have there, and its playbook told of the dotfiles', async () => {
    const { code, stdout, stderr } = await script(
      'provision',
      'dev-vm',
      'ops',
      '--minimal-test',
      '--test-dotfiles',
      at('dotfiles'),
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(await machines()).toEqual(['dev-vm active'])
    expect(fragments()).toEqual(['dev-vm.ini', 'others.ini'])
    expect(inventory()).toContain('10.0.0.9')
    expect(readFileSync(at('ansible/inventory.d/dev-vm.ini'), 'utf8')).toMatch(
      /^# BEGIN slipway machine dev-vm\n\[vms\]\ndev-vm ansible_host=\S+ vm_name=dev-vm ansible_user=ops .*\n# END slipway machine dev-vm\n$/,
    )
    expect(readFileSync(at('ansible/known_hosts'), 'utf8')).toMatch(/^dev-vm ssh-ed25519 /m)
    expect(stdout).toContain(`on dev-vm: ${at('dotfiles')} True`)
  })

  it('that was there before stays when its playbook fails, or does nothing on it, or other settings are asked for', async () => {
    writeFileSync(at('ansible/fail-dev-vm'), '')
    writeFileSync(at('nobody.yml'), '- hosts: nobody\n')
    const same = ['dev-vm', 'ops', '--test-dotfiles', at('dotfiles')]
    expect(await script('provision', ...same)).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('meant to fail'),
    })
    const idle = await script('provision', ...same, '--playbook', 'nobody.yml')
    expect(idle).toMatchObject({ code: 4, stderr: expect.stringContaining('it has done nothing there') })
    const other = await script('provision', 'dev-vm', 'ops', '4096')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('memory nothing → 4096') })
    expect(await machines()).toEqual(['dev-vm active'])
    expect(hosts()).toEqual(['dev-vm'])
  })

  it('is made beside others; one that fails is taken away again unless it is to be kept, and the others stay', async () => {
    for (const name of ['fails', 'kept']) writeFileSync(at(`ansible/fail-${name}`), '')
    const ended = await Promise.all([
      script('provision', 'fails'),
      script('provision', 'kept', '--keep-on-failure'),
      script('provision', 'works', '2048', '2'),
    ])
    expect(
      ended.map(({ code }) => code),
      ended.map(({ stderr }) => stderr).join('\n'),
    ).toEqual([4, 4, 0])
    expect(await machines()).toEqual(['dev-vm active', 'kept active', 'works active'])
    const { stdout } = await desk.slipway(['machine', 'show', 'works', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ spec: { memory: 2048, cpus: 2 } })
    // What is played on one is played on no other: there it would fail.
    expect(ended[2].stdout).not.toContain('dev-vm')
    expect(hosts()).toEqual(['dev-vm', 'kept', 'works'])
    expect(fragments()).toEqual(['dev-vm.ini', 'kept.ini', 'others.ini', 'works.ini'])
  })

  it('without a fragment, with a changed one, and a fragment without a machine are found and put right', async () => {
    expect(await check()).toMatchObject({ code: 0, stdout: 'nothing was found\n' })
    const kept = readFileSync(at('ansible/inventory.d/kept.ini'), 'utf8')
    writeFileSync(at('ansible/inventory.d/gone.ini'), kept.replaceAll('kept', 'gone'))
    writeFileSync(at('ansible/inventory.d/kept.ini'), kept.replace('ansible_user=ops', 'ansible_user=root'))
    rmSync(at('ansible/inventory.d/works.ini'))
    const found = await check('-o', 'json')
    expect(found.code).toBe(3)
    expect(
      JSON.parse(found.stdout).map((one: { name: string; machine: string }) => `${one.name} ${one.machine}`),
    ).toEqual(['fragment-orphaned gone', 'fragment-outdated kept', 'fragment-missing works'])
    expect(await check('works', '--repair')).toMatchObject({ code: 5, stderr: expect.stringContaining('--approve') })
    expect(fragments()).not.toContain('works.ini')
    expect(await check('--repair', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing was found'),
    })
    expect(fragments()).toEqual(['dev-vm.ini', 'kept.ini', 'others.ini', 'works.ini'])
    expect(readFileSync(at('ansible/inventory.d/kept.ini'), 'utf8')).toBe(kept)
  })

  it('stays when its playbook is interrupted, and the same command plays it again', async () => {
    writeFileSync(at('ansible/hold-dev-vm'), '')
    const same = ['dev-vm', 'ops', '--test-dotfiles', at('dotfiles')]
    const held = desk.start(['machine', 'provision', ...same])
    let said = ''
    for (const stream of [held.stdout, held.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
    await until('its playbook waits', () => said.includes('TASK [wait]'))
    held.kill('SIGINT')
    await once(held, 'close')
    expect([held.exitCode, said]).toEqual([130, expect.stringContaining('dev-vm stays as it is')])
    for (const mark of ['hold-dev-vm', 'fail-dev-vm']) rmSync(at(`ansible/${mark}`))
    const again = await script('provision', ...same)
    expect(again, again.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('dev-vm: nothing to do') })
    expect(again.stderr).toContain('dev-vm is ready: ansible/playbook.yml has run on it')
  })

  it('is destroyed and taken out of the inventory, dev-vm where none is named, also without its fragment or its host; what is not there is a success', async () => {
    rmSync(at('ansible/inventory.d/kept.ini'))
    await lab.remove('works')
    const [first, ...others] = await Promise.all([
      script('destroy'),
      script('destroy', 'kept'),
      script('destroy', 'works'),
    ])
    expect(
      [first, ...others].map(({ code }) => code),
      first.stderr,
    ).toEqual([0, 0, 0])
    expect(await script('destroy')).toMatchObject({ code: 0, stdout: expect.stringContaining('dev-vm: nothing to do') })
    expect(await machines()).toEqual([])
    expect(fragments()).toEqual(['others.ini'])
    expect(hosts()).toEqual([])
    expect(inventory()).toMatch(/\n\[vms\]\n# BEGIN inventory\.d\/others\.ini/)
  })
})
