import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { type Desk, type Ended, openDesk } from './command.ts'

/** Nodes come to a cluster and leave it, by commands and by files of two people, over machines that are folders. */
let desk: Desk
let server: RunningServer
beforeAll(async () => {
  desk = await openDesk({ machines: 'folders' })
  server = await desk.serve()
})
afterAll(async () => {
  await server.stop()
  await desk[Symbol.asyncDispose]()
})

/** A cluster of its own for each test, with its file. */
let count = 0
function cluster() {
  const net = ++count
  const demo = `demo${net}`
  const own = (host: string) => `${demo}-${host}`
  const nodeOf = (host: string) => ({
    hostname: own(host),
    internal_ip: `10.1.${net}.${(host.startsWith('m') ? 10 : 50) + Number(host.slice(1))}`,
    role: host === 'm1' ? 'initial_master' : host.startsWith('m') ? 'master' : 'worker',
  })
  const word = (host: string) => `${own(host)}=${nodeOf(host).internal_ip}`
  const file = `${demo}.yaml`
  const nodes = async () => {
    const listed = await desk.slipway(['nodes', demo, '-o', 'json'])
    const rows = z.array(z.object({ hostname: z.string(), status: z.string(), wanted: z.boolean() }))
    return rows.parse(JSON.parse(listed.stdout)).map(({ hostname }) => hostname.slice(demo.length + 1))
  }
  return {
    demo,
    file,
    own,
    word,
    nodeOf,
    nodes,
    write: (hosts: string, to = file) =>
      writeFile(join(desk.folder, to), stringify(document(demo, hosts.split(' ').map(nodeOf)))),
    apply: (...more: string[]) => desk.slipway(['apply', '-f', file, '--yes', ...more]),
    scale: (...more: string[]) => desk.slipway(['scale', ...more, '--yes']),
  }
}
const document = (name: string, nodes: readonly object[]) => ({
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  metadata: { name },
  spec: { distribution: 'rke2', version: 'v1.34.1+rke2r1', nodes },
})
const said = ({ stdout, stderr }: Ended) => stdout + stderr
const hashOf = ({ stdout }: Ended) => z.object({ hash: z.string() }).parse(JSON.parse(stdout)).hash

describe('scale add', () => {
  it('is the plan of the file with the nodes at its end, by its hash as well, and idempotent', async () => {
    const { demo, file, word, write, apply, scale, nodes } = cluster()
    await write('m1 w1')
    expect((await apply()).code).toBe(0)
    const added = await desk.slipway(['scale', 'add', demo, word('w4'), word('w5'), '--dry-run', '-o', 'json'])
    await write('m1 w1 w4 w5')
    const edited = await desk.slipway(['plan', '-f', file, '-o', 'json'])
    expect(hashOf(added)).toBe(hashOf(edited))
    expect(await nodes()).toEqual(['m1', 'w1'])
    expect((await scale('add', demo, word('w4'), word('w5'))).code).toBe(0)
    expect(await nodes()).toEqual(['m1', 'w1', 'w4', 'w5'])
    expect(await scale('add', demo, word('w4'), word('w1'))).toMatchObject({
      code: 0,
      stdout: `${demo}: nothing to do\n`,
    })
    expect((await apply()).stdout).toBe(`${demo}: nothing to do\n`)
  })

  it('refuses what does not fit, with the word that is wrong, and stores nothing', async () => {
    const { demo, own, word, write, apply, scale, nodes } = cluster()
    await write('m1 w1')
    await apply()
    const refused = async (words: string[], code: number, text: string) => {
      const ended = await scale('add', demo, ...words)
      expect(ended).toMatchObject({ code })
      expect(said(ended)).toContain(text)
    }
    await refused([`${own('w1')}=10.9.9.9`], 2, `its internal_ip is "10.1.${count}.51", not "10.9.9.9"`)
    await refused([`${own('w2')}=10.1.${count}.51`], 2, `is used by ${own('w1')} already`)
    await refused([own('w2')], 2, `Write it like this: ${own('w2')}=10.0.0.24.`)
    await refused([`${own('w2')}=10.0.0.300`], 2, 'not an IPv4 or IPv6 address')
    await refused([word('m2'), '--role', 'master'], 5, '--accept even-servers')
    await refused([], 2, 'name nodes like w4=10.0.0.24')
    await refused([word('w2'), '-f', 'x.yaml'], 2, 'one of the two')
    expect(await nodes()).toEqual(['m1', 'w1'])
    expect(await scale('add', 'nobody', word('w2'))).toMatchObject({ code: 2 })
  })

  it('takes a file with the keys it names, which never take the place of those that the cluster knows', async () => {
    const { demo, file, own, nodeOf, apply, scale, nodes } = cluster()
    const key = await desk.shell(
      'ssh-keygen -q -t ed25519 -N "" -f id && ssh-keygen -q -t ed25519 -N "" -f other && cat id other',
    )
    expect(key.code).toBe(0)
    const { spec, ...rest } = document(demo, [nodeOf('m1')])
    await writeFile(join(desk.folder, file), stringify({ ...rest, spec: { ...spec, ssh: { key_file: 'id' } } }))
    expect((await apply()).code).toBe(0)
    const folder = join(desk.folder, demo)
    await mkdir(folder)
    const list = (path: string) => stringify({ nodes: [{ ...nodeOf('w4'), ssh: { key_file: path } }] })
    await desk.shell(`cp other ${demo}/id && cp other ${demo}/own`)
    await writeFile(join(folder, 'nodes.yaml'), list('id'))
    const refused = await scale('add', demo, '-f', `${demo}/nodes.yaml`)
    expect(refused).toMatchObject({ code: 2 })
    expect(said(refused)).toContain('the cluster knows another file by the path id')
    await writeFile(join(folder, 'nodes.yaml'), list('own'))
    expect((await scale('add', demo, '-f', `${demo}/nodes.yaml`)).code).toBe(0)
    expect(await nodes()).toEqual(['m1', 'w4'])
    // The file that does not know the node still has its key, and stores nothing anew.
    expect((await apply()).stdout).toBe(`${demo}: nothing to do\n`)
    const wrong = await desk.slipway(['scale', 'add', demo, '-f', '-'], `nodes:\n  - { hostname: ${own('w5')} }\n`)
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('standard input:2:5 nodes[0].internal_ip: internal_ip is missing')
  })
})

describe('a file that is applied after others have scaled', () => {
  it('keeps who came since it was applied last, and says so', async () => {
    const { demo, own, word, write, apply, scale, nodes } = cluster()
    await write('m1 w1')
    await apply()
    await scale('add', demo, word('w4'))
    const idle = await apply()
    expect(idle).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n` })
    expect(idle.stderr).toContain(`${own('w4')} stays`)
    await write('m1 w1 w2')
    const planned = await desk.slipway(['plan', '-f', `${demo}.yaml`])
    expect(planned.stdout).toContain(`${own('w4')} stays`)
    expect((await apply()).code).toBe(0)
    expect(await nodes()).toEqual(['m1', 'w1', 'w2', 'w4'])
    // Named by a file, it is dropped by the one that names it no more, and only where it is told to leave.
    await write('m1 w1 w2 w4')
    expect((await apply()).stdout).toBe(`${demo}: nothing to do\n`)
    await write('m1 w1 w2')
    const refused = await apply()
    expect(refused).toMatchObject({ code: 5 })
    expect(said(refused)).toContain(`--remove ${own('w4')}`)
    expect((await apply('--remove', own('w4'))).code).toBe(0)
    expect(await nodes()).toEqual(['m1', 'w1', 'w2'])
  })

  it('brings nobody back who left since then, unless that is accepted', async () => {
    const { demo, own, write, apply, scale, nodes } = cluster()
    await write('m1 w1 w3')
    await apply()
    expect((await scale('remove', demo, own('w3'))).code).toBe(0)
    const refused = await apply()
    expect(refused).toMatchObject({ code: 5 })
    expect(said(refused)).toContain(`${own('w3')}: it was taken out of the cluster after this file was applied last`)
    expect(said(refused)).toContain('--accept node-comes-back')
    expect(await nodes()).toEqual(['m1', 'w1'])
    const accepted = await apply('--accept', 'node-comes-back')
    expect(accepted.code).toBe(0)
    expect(accepted.stderr).toContain(`${own('w3')} comes back: it was removed on 2`)
    expect(await nodes()).toEqual(['m1', 'w1', 'w3'])
    // It is known to be there now.
    expect((await apply()).stdout).toBe(`${demo}: nothing to do\n`)
  })

  it('of two people nobody undoes unseen what the other has done', async () => {
    const { demo, own, word, write, apply, scale, nodes } = cluster()
    await write('m1 w1')
    await apply()
    await write('m1 w1 w2')
    await apply()
    await scale('add', demo, word('w4'))
    // The second one has the file of before w2, and adds w3 to it.
    await write('m1 w1 w3', 'second.yaml')
    const second = (...more: string[]) => desk.slipway(['apply', '-f', 'second.yaml', '--yes', ...more])
    const refused = await second()
    expect(refused).toMatchObject({ code: 5 })
    expect(said(refused)).toContain(`node ${own('w2')}: it is a member of the cluster, and the file no longer names it`)
    const pruned = await second('--prune')
    expect(pruned.code).toBe(0)
    expect(pruned.stderr).toContain(`Take ${own('w2')} out`)
    expect(await nodes()).toEqual(['m1', 'w1', 'w3', 'w4'])
  })
})

describe('--prune', () => {
  it('is the plan in which each is named, and says who leaves; without it nobody does', async () => {
    const { file, own, write, apply, nodes } = cluster()
    await write('m1 w1 w2 w10')
    await apply()
    await write('m1 w10')
    expect((await apply()).code).toBe(5)
    const named = await desk.slipway(['plan', '-f', file, '--remove', own('w1'), '--remove', own('w2'), '-o', 'json'])
    const pruned = await desk.slipway(['plan', '-f', file, '--prune', '-o', 'json'])
    expect(hashOf(pruned)).toBe(hashOf(named))
    const done = await apply('--prune')
    expect(done.stderr).toContain(`Take ${own('w1')} out`)
    expect(await nodes()).toEqual(['m1', 'w10'])
    expect((await apply('--prune')).stdout).toContain('nothing to do')
  })
})

describe('export', () => {
  it('writes the file of what is desired now, of which apply finds nothing to do', async () => {
    const { demo, word, write, apply, scale } = cluster()
    await write('m1 w1')
    await apply()
    await scale('add', demo, word('w4'))
    const exported = await desk.slipway(['export', demo])
    expect(exported.stdout).toMatch(
      /^# Cluster demo\d+ as it is desired: version 2, .*no secret\.\n# No file has to lie beside it\.\napiVersion/,
    )
    await writeFile(join(desk.folder, 'exported.yaml'), exported.stdout)
    const applied = await desk.slipway(['apply', '-f', 'exported.yaml', '--yes'])
    expect(applied).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n` })
    expect(applied.stderr).not.toContain('stays')
    const json = await desk.slipway(['export', demo, '-o', 'json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'Cluster', spec: { nodes: [{}, {}, {}] } })
  })
})
