import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { draftSource, storedSource } from '../../src/clusters/sources.ts'
import type { MachineChange } from '../../src/store/machines.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { readAccessMark } from '../../src/store/accessMark.ts'
import { listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { applyMachineChange, machineScope, putMachine } from '../../src/store/machines.ts'
import { findAddressHolder } from '../../src/store/machineUse.ts'
import { applyDesiredState } from './applyDesiredState.ts'
import { clusterFileOf, emptyStoreForEach, node } from './fixtures.ts'

const store = emptyStoreForEach()
const around = { sealer: createSealer(randomBytes(32)), keyFilesOf: () => [] }
/** m1 is a host of somebody’s, n1 is on the machine big-1. */
const demo = clusterFileOf('demo', [node('m1', '10.0.0.1', 'initial_master'), node('n1', 'machine:big-1')])

async function recorded(): Promise<void> {
  const { database } = store()
  await store().transaction(async tx => {
    for (const [name, uid] of [
      ['big-1', 'aaaaaa0000000001'],
      ['big-2', 'aaaaaa0000000002'],
    ] as const)
      await putMachine(tx, { name, uid, provider: 'lab', spec: { provider: 'lab' } })
  })
  await applyDesiredState(database, demo)
  for (const [scope, host, key] of [
    [machineScope('big-1'), 'big-1', 'MADE'],
    [machineScope('big-1'), 'jump_10.0.0.9_22', 'JUMP'],
    [machineScope('big-2'), 'big-2', 'OTHR'],
    ['demo', 'm1', 'MINE'],
  ] as const)
    await pinHostKey(database, scope, host, `${host} ssh-ed25519 ${key}\n`)
}

const sources = () => [
  draftSource(store().database, around, demo, {}, []),
  storedSource(store().database, around, 'demo'),
]
const listed = () =>
  Promise.all(
    sources().map(async ({ knownHosts }) => (await knownHosts.list('demo')).map(({ host, key }) => `${host} ${key}`)),
  )

it('takes the key that its machine has shown, and its own before that', async () => {
  await recorded()
  expect(await listed()).toEqual([
    ['m1 MINE', 'n1 MADE'],
    ['m1 MINE', 'n1 MADE'],
  ])
  await pinHostKey(store().database, 'demo', 'n1', 'n1 ssh-ed25519 MINE\n')
  expect(await listed()).toEqual([
    ['m1 MINE', 'n1 MINE'],
    ['m1 MINE', 'n1 MINE'],
  ])
})

it('forgets the keys of a machine that is made anew, wherever they are pinned, and reaches its hosts anew', async () => {
  await recorded()
  const { database } = store()
  await pinHostKey(database, 'demo', 'n1', 'n1 ssh-ed25519 MADE\n')
  const mark = await readAccessMark(database, 'demo')
  await store().transaction(tx => applyMachineChange(tx, { type: 'machine-made-anew', machine: 'big-1' }))
  expect(await listed()).toEqual([['m1 MINE'], ['m1 MINE']])
  expect(await listHostKeys(database, machineScope('big-2'))).toHaveLength(1)
  const forgotten = await readAccessMark(database, 'demo')
  expect(forgotten).not.toBe(mark)
  await pinHostKey(database, machineScope('big-1'), 'big-1', 'big-1 ssh-ed25519 NEXT\n')
  expect(await readAccessMark(database, 'demo')).not.toBe(forgotten)
  expect(await listed()).toEqual([
    ['m1 MINE', 'n1 NEXT'],
    ['m1 MINE', 'n1 NEXT'],
  ])
})

it('tells a machine, which may have given its address away, from a node on a host of its own', async () => {
  await recorded()
  const { database } = store()
  const at = (machine: string, addresses: readonly string[]) =>
    store().transaction(tx => applyMachineChange(tx, { type: 'machine-addresses', machine, addresses, internal: null }))
  await at('big-1', ['10.0.0.7'])
  const holders = await Promise.all(
    [['10.0.0.7'], ['10.0.0.1'], ['10.0.0.8']].map(addresses => findAddressHolder(database, 'big-2', addresses)),
  )
  expect(holders).toEqual([
    { kind: 'machine', what: 'machine big-1' },
    { kind: 'node', what: 'node m1 of cluster demo' },
    null,
  ])
})

it('a machine is a node of one cluster only, by its name and by each address that it was seen at', async () => {
  await recorded()
  const { database } = store()
  const takes = (nodeAddress: string, hostname = 'x1') =>
    applyDesiredState(database, clusterFileOf('other', [node(hostname, nodeAddress, 'initial_master')]))
  await expect(takes('machine:big-1')).rejects.toThrow('machine big-1 is that of node n1 in cluster demo')
  const seen: Extract<MachineChange, { type: 'machine-addresses' }> = {
    type: 'machine-addresses',
    machine: 'big-1',
    addresses: ['10.0.0.7', 'fd00::7'],
    internal: null,
  }
  await store().transaction(tx => applyMachineChange(tx, seen))
  await expect(takes('machine:big-1')).rejects.toThrow('machine big-1 is that of node n1 in cluster demo')
  await expect(takes('fd00::7')).rejects.toThrow('fd00::7 is the address of node n1 in cluster demo')
  await store().transaction(tx => applyMachineChange(tx, { ...seen, machine: 'big-2', addresses: ['10.0.0.1'] }))
  await expect(takes('machine:big-2')).rejects.toThrow('10.0.0.1 is the address of node m1 in cluster demo')
  expect(await takes('10.0.0.8')).toMatchObject({ changed: true })
})

it('of clusters that want a machine at the same moment one gets it', async () => {
  const { database } = store()
  const clusters = Array.from({ length: 8 }, (_, at) => `c${at}`)
  const ends = await Promise.allSettled(
    clusters.map(name =>
      applyDesiredState(database, clusterFileOf(name, [node('n1', 'machine:big-1', 'initial_master')])),
    ),
  )
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const reasons = ends.flatMap(end => (end.status === 'rejected' ? [String(end.reason)] : []))
  expect(new Set(reasons.map(text => text.replace(/c\d/g, 'c'))).size, reasons[0]).toBe(1)
  expect(reasons[0]).toContain('machine big-1 is that of node n1 in cluster c')
})
