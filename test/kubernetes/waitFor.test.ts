import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { ClusterClient } from '../../src/kubernetes/client.ts'
import { type Node, nodes } from '../../src/kubernetes/resources.ts'
import { configMaps } from '../../src/kubernetes/resources.ts'
import { waitFor } from '../../src/kubernetes/waitFor.ts'
import { until } from '../until.ts'
import type { ControlPlane } from './controlPlane.ts'
import { type FaultyPlane, startFaultyPlane } from './faultyPlane.ts'
import { type FaultyProxy, times } from './faultyProxy.ts'

let faulty: FaultyPlane
let plane: ControlPlane
let proxy: FaultyProxy
let client: ClusterClient
beforeAll(async () => {
  faulty = await startFaultyPlane()
  ;({ plane, proxy, client } = faulty)
})
afterAll(() => faulty?.[Symbol.asyncDispose]())
afterEach(() => (proxy.faultOf = () => undefined))

const { signal } = new AbortController()
const timeout = 20_000
const namespace = 'default'

const notReady = (node: Node | null): string | null => {
  if (!node) return 'it is not there'
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'True' ? null : `Ready is ${ready?.status ?? 'not said'}`
}
const setReady = (name: string, status: string) => {
  const conditions = [{ type: 'Ready', status, lastHeartbeatTime: null, lastTransitionTime: null, reason: 'a' }]
  const patch = JSON.stringify({ status: { conditions } })
  plane.kubectl(['patch', 'node', name, '--subresource=status', '--type=merge', '-p', patch])
}

it('an object is waited for until it is there and as wanted; what is missing is told as it changes', async () => {
  const missing: string[] = []
  const told = (words: string) => until(words, () => missing.includes(words))
  const waited = waitFor(
    client,
    nodes,
    { name: 'w1' },
    { signal, timeout, missing: notReady, onMissing: words => missing.push(words) },
  )
  await told('it is not there')
  // Another one is none of its business.
  plane.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w2' } }))
  plane.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' } }))
  await told('Ready is not said')
  setReady('w1', 'False')
  await told('Ready is False')
  setReady('w1', 'True')
  expect((await waited)?.metadata.name).toBe('w1')
  expect(missing).toEqual(['it is not there', 'Ready is not said', 'Ready is False'])
})

it('the end of an object is waited for', async () => {
  const place = { namespace, name: 'goes' }
  const { metadata } = await client.create(configMaps, { metadata: place }, { signal })
  const seen: string[] = []
  const waited = waitFor(client, configMaps, place, {
    signal,
    timeout,
    missing: object => (object?.metadata.uid === metadata.uid ? 'it is still there' : null),
    onMissing: words => seen.push(words),
  })
  await until('it is seen', () => seen.length > 0)
  await client.remove(configMaps, place, { signal })
  expect(await waited).toBeNull()
})

it('what is as wanted from the start is waited for no longer than it takes to see that', async () => {
  await client.create(configMaps, { metadata: { namespace, name: 'there' } }, { signal })
  const wait = { signal, timeout, missing: () => null }
  expect(await waitFor(client, configMaps, { namespace, name: 'there' }, wait)).not.toBeNull()
  expect(await waitFor(client, configMaps, { namespace, name: 'not-there' }, wait)).toBeNull()
})

it('the error of a time-out says what was missing last', async () => {
  setReady('w1', 'Unknown')
  await expect(
    waitFor(client, nodes, { name: 'w1' }, { signal, timeout: 1000, missing: notReady }),
  ).rejects.toMatchObject({ code: 'stage-timeout', message: 'Node w1: not within 1 s: Ready is Unknown' })
})

it('the error of a time-out says that the API did not answer', async () => {
  const missing: string[] = []
  const waited = expect(
    waitFor(
      client,
      nodes,
      { name: 'w1' },
      { signal, timeout: 3000, missing: notReady, onMissing: words => missing.push(words) },
    ),
  ).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Node w1: not within 3 s: Ready is Unknown; after that the API did not answer once: /,
    ),
  })
  await until('it is seen', () => missing.length > 0)
  proxy.faultOf = () => 'reset'
  proxy.cut()
  await waited
})

it('an API that has answered again is no part of the error of a time-out', async () => {
  setReady('w1', 'False')
  const missing: string[] = []
  const onMissing = (words: string) => missing.push(words)
  const waited = expect(
    waitFor(client, nodes, { name: 'w1' }, { signal, timeout: 4000, missing: notReady, onMissing }),
  ).rejects.toMatchObject({ message: 'Node w1: not within 4 s: Ready is Unknown' })
  await until('it is seen', () => missing.length > 0)
  proxy.faultOf = times(1, 'reset')
  proxy.cut()
  setReady('w1', 'Unknown')
  await waited
})

it('who is called off waits no longer, and says so with their reason', async () => {
  const off = new AbortController()
  const reason = new Error('called off')
  const waited = waitFor(client, nodes, { name: 'w1' }, { signal: off.signal, timeout, missing: notReady })
  off.abort(reason)
  await expect(waited).rejects.toBe(reason)
})

it('what can never be as wanted ends the wait with the error that says so', async () => {
  const never = new Error('it never will')
  const missing = () => {
    throw never
  }
  await expect(waitFor(client, nodes, { name: 'w1' }, { signal, timeout, missing })).rejects.toBe(never)
})
