import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SlipwayError } from '../../src/domain/errors.ts'
import type { ClusterClient } from '../../src/kubernetes/client.ts'
import { nodes } from '../../src/kubernetes/resources.ts'
import { type ConfigMap, configMaps } from '../../src/kubernetes/resources.ts'
import { type Change, watchList } from '../../src/kubernetes/watchList.ts'
import { until } from '../until.ts'
import type { ControlPlane } from './controlPlane.ts'
import { type FaultyPlane, startFaultyPlane } from './faultyPlane.ts'
import { type Asked, type FaultyProxy, status, times } from './faultyProxy.ts'

let faulty: FaultyPlane
let plane: ControlPlane
let proxy: FaultyProxy
let client: ClusterClient
/** Asks the API server itself, beside the one that is watched. */
let direct: ClusterClient
beforeAll(async () => {
  faulty = await startFaultyPlane()
  ;({ plane, proxy, client, direct } = faulty)
})
afterAll(() => faulty?.[Symbol.asyncDispose]())

const { signal } = new AbortController()
let namespace = ''
let count = 0
const off: AbortController[] = []
beforeEach(() => {
  namespace = `watched-${++count}`
  plane.kubectl(['create', 'namespace', namespace])
})
afterEach(() => {
  proxy.faultOf = () => undefined
  for (const one of off.splice(0)) one.abort(new Error('the test is over'))
})

const put = (name: string, value: string) =>
  direct.apply(configMaps, { metadata: { namespace, name }, data: { value } }, { signal })
const remove = (name: string) => direct.remove(configMaps, { namespace, name }, { signal })
const isWatch = ({ isWatch }: Asked) => isWatch

/** Reads a watch and keeps what it told, as `added a=1`. */
function watching(options: { silence?: number } = {}) {
  const told: string[] = []
  const faults: SlipwayError[] = []
  const end = new AbortController()
  off.push(end)
  const read = async () => {
    const onFault = (fault: SlipwayError) => faults.push(fault)
    for await (const change of watchList(
      client,
      configMaps,
      { namespace },
      { signal: end.signal, onFault, ...options },
    ))
      told.push(words(change))
  }
  const ended = read().catch((error: unknown) => error)
  const listed = (count: number) =>
    until('it is listed', () => told.filter(word => word === 'listed').length >= count, 20_000)
  const last = (word: string) => until(`the watch tells ${word}`, () => told.at(-1) === word, 20_000)
  return { told, faults, end, ended, listed, last }
}

const words = (change: Change<ConfigMap>): string =>
  change.kind === 'listed' ? 'listed' : `${change.kind} ${change.object.metadata.name}=${change.object.data?.['value']}`

describe('a watch over a real API server', () => {
  it('tells what there is, and then each change', async () => {
    await put('a', '1')
    const watch = watching()
    await watch.listed(1)
    await put('b', '1')
    await put('a', '2')
    await remove('b')
    await watch.last('removed b=1')
    expect(watch.told).toEqual(['added a=1', 'listed', 'added b=1', 'changed a=2', 'removed b=1'])
  })

  it('ends by its signal, with the reason of that', async () => {
    const watch = watching()
    await watch.listed(1)
    const reason = new Error('called off')
    watch.end.abort(reason)
    expect(await watch.ended).toBe(reason)
  })

  it.each([
    [401, 'Unauthorized', 'api-unauthorized'],
    [403, 'Forbidden', 'api-forbidden'],
    [404, 'NotFound', 'api-refused'],
  ])('ends where no waiting helps: %i', async (code, reason, expected) => {
    const watch = watching()
    await watch.listed(1)
    proxy.faultOf = () => ({ status: code, body: status(code, reason, reason) })
    proxy.cut()
    expect(await watch.ended).toMatchObject({ code: expected })
  })

  it('ends where its resource is none', async () => {
    const unknown = { ...nodes, plural: 'nones' }
    await expect(watchList(client, unknown, {}, { signal }).next()).rejects.toMatchObject({ code: 'api-refused' })
  })

  it('lets go of its connection when it is read no more', async () => {
    await put('a', '1')
    for await (const change of watchList(client, configMaps, { namespace }, { signal }))
      if (change.kind === 'listed') break
    const before = proxy.asked.length
    await client.version({ signal })
    expect(proxy.asked.slice(before).filter(isWatch)).toEqual([])
  })
})

describe('a watch misses nothing and tells nothing twice', () => {
  it('when its connections break again and again', async () => {
    proxy.faultOf = times(5, { events: 2, ends: 'cut' }, isWatch)
    const watch = watching()
    await watch.listed(1)
    for (let value = 1; value <= 12; value += 1) await put('a', String(value))
    await watch.last('changed a=12')
    expect(watch.told).toEqual([
      'listed',
      'added a=1',
      ...Array.from({ length: 11 }, (_, index) => `changed a=${index + 2}`),
    ])
    expect(watch.faults.length).toBeGreaterThanOrEqual(5)
  })

  it('when the API server was away', async () => {
    const watch = watching()
    await watch.listed(1)
    await put('a', '1')
    await watch.last('added a=1')
    await plane.restartServer(() => until('the watch has noticed it', () => watch.faults.length > 1, 20_000))
    await put('a', '2')
    await watch.last('changed a=2')
    expect(watch.told.filter(word => word !== 'listed')).toEqual(['added a=1', 'changed a=2'])
  })

  it.each([
    ['an answer 429', { status: 429, body: status(429, 'TooManyRequests', 'too many') }],
    ['an answer 500', { status: 500, body: status(500, 'InternalError', 'no leader') }],
    ['an event 500', { events: 0, ends: { type: 'ERROR', object: status(500, 'InternalError', 'no leader') } }],
    ['a broken connection', 'reset'],
  ] as const)('when it meets %s', async (_what, fault) => {
    proxy.faultOf = times(2, fault, isWatch)
    const watch = watching()
    await watch.listed(1)
    await put('a', '1')
    await watch.last('added a=1')
    expect(watch.told).toEqual(['listed', 'added a=1'])
    expect(watch.faults).toHaveLength(2)
  })

  const expired = status(410, 'Expired', 'too old resource version: 1 (2)')
  const tooLarge = status(504, 'Timeout', 'Too large resource version: 9, current: 2')
  it.each([
    ['an event says that it is too old', { events: 0, ends: { type: 'ERROR', object: expired } }],
    ['an answer says that it is too old', { status: 410, body: expired }],
    ['an answer says that it is too new', { status: 504, body: tooLarge }],
  ] as const)('when its place is no more: %s', async (_what, fault) => {
    for (const name of ['same', 'goes', 'changes']) await put(name, '1')
    // The first watch tells nothing; the second one is refused, and the objects listed anew.
    let watches = 0
    proxy.faultOf = asked => {
      if (!asked.isWatch || watches === 2) return undefined
      watches += 1
      return watches === 1 ? { events: 0, ends: 'mute' } : fault
    }
    const watch = watching()
    await watch.listed(1)
    await until('it watches', () => watches === 1)
    await remove('goes')
    await put('changes', '2')
    await put('comes', '1')
    proxy.cut()
    await watch.listed(2)
    expect(watch.told.slice(watch.told.indexOf('listed') + 1)).toEqual([
      'removed goes=1',
      'changed changes=2',
      'added comes=1',
      'listed',
    ])
    await put('same', '2')
    await watch.last('changed same=2')
  })

  it('when it falls silent', async () => {
    proxy.faultOf = times(1, { events: 0, ends: 'mute' }, isWatch)
    const watch = watching({ silence: 1000 })
    await watch.listed(1)
    await put('a', '1')
    await watch.listed(2)
    await put('b', '1')
    await watch.last('added b=1')
    expect(watch.told).toEqual(['listed', 'added a=1', 'listed', 'added b=1'])
    expect(watch.faults).toEqual([])
  })

  it('when another object gets the name of one, unseen', async () => {
    await put('a', '1')
    proxy.faultOf = times(1, { events: 0, ends: 'mute' }, isWatch)
    const watch = watching({ silence: 1000 })
    await watch.listed(1)
    await remove('a')
    await put('a', '2')
    await watch.listed(2)
    expect(watch.told).toEqual(['added a=1', 'listed', 'removed a=1', 'added a=2', 'listed'])
  })
})

it('a watch goes on where a bookmark says, and is asked for a bounded time', async () => {
  const { version } = await direct.snapshot(configMaps, { namespace }, { signal })
  await put('a', '1')
  const later = (await put('a', '2')).metadata.resourceVersion
  const bookmark = { type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: later } } }
  proxy.faultOf = times(1, { events: 0, ends: bookmark }, isWatch)
  const source = { ...client, snapshot: async () => ({ items: [], version }) }
  const end = new AbortController()
  off.push(end)
  const before = proxy.asked.length
  const told: string[] = []
  const read = async () => {
    for await (const change of watchList(source, configMaps, { namespace }, { signal: end.signal }))
      told.push(words(change))
  }
  read().catch(() => {})
  await until('it watches again', () => proxy.asked.slice(before).filter(isWatch).length === 2)
  const [first, second] = proxy.asked.slice(before).filter(isWatch)
  expect(first?.path).toContain(`resourceVersion=${version}`)
  expect(second?.path).toContain(`resourceVersion=${later}`)
  expect(second?.path).toMatch(/timeoutSeconds=\d+/)
  expect(told).toEqual(['listed'])
})
