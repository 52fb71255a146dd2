import { setTimeout as after } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/contract/events.ts'
import { createLogSink } from '../../src/engine/run/logSink.ts'
import type { Lease, RunRecords } from '../../src/engine/contract/records.ts'
import { createRunWriter, type RunWriter } from '../../src/engine/run/runWriter.ts'
import { identifyWorker } from '../../src/processes/workerIdentity.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun } from './bench.ts'
import { request } from './worldStages.ts'

const store = emptyStoreForEach()
let records: RunRecords
let run: string
let lease: Lease
beforeEach(async () => {
  records = store().records
  run = await createTestRun(store(), [request('a', { folder: '/nowhere' }), request('b', { folder: '/nowhere' })])
  const claimed = await records.claim(identifyWorker('w'), 60_000, [])
  if (!claimed) throw new Error('nothing to claim')
  lease = claimed.lease
  source = createRunWriter(records, run, held(), text => text)
  await source.write({ run: { step: 'start' }, events: [{ type: 'run-started', message: 'm', data: { worker: 'w' } }] })
})
const held = () => ({ lease, lost: new AbortController().signal, lose: () => {}, giveBack: () => {} })
/** Each writer counts its writes from one: a lease has one. */
let source: RunWriter
const finish = () => source.write({ run: { step: 'complete' }, events: [{ type: 'run-completed', message: 'm' }] })
const sink = (stage: string, redact = (text: string) => text) =>
  createLogSink(records, { run, stage, attempt: 1 }, held(), redact)
const collect = async <T>(items: AsyncIterable<T>, pause = 0): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) {
    all.push(item)
    if (pause > 0) await after(pause)
  }
  return all
}

describe('followers of events', () => {
  it('get each event once and in order, wherever they begin and however slow they are', async () => {
    const signal = AbortSignal.timeout(60_000)
    const early = collect(records.follow(run, 0, signal))
    const slow = collect(records.follow(run, 0, signal), 2)
    for (let count = 0; count < 300; count++)
      await source.write({ events: [{ type: 'progress', message: String(count) }] })
    const late = collect(records.follow(run, 150, signal))
    await finish()
    const expected = Array.from({ length: 303 }, (_, index) => index + 1)
    const numbers = (events: RunEvent[]) => events.map(event => event.seq)
    expect(numbers(await early)).toEqual(expected)
    expect(numbers(await slow)).toEqual(expected)
    expect(numbers(await late)).toEqual(expected.slice(150))
  })

  it('get an event within 300 ms', async () => {
    const seen = Promise.withResolvers<number>()
    const stop = new AbortController()
    const listening = Promise.withResolvers<void>()
    void (async () => {
      for await (const event of records.follow(run, 0, stop.signal)) {
        // What was there before is read once it listens.
        if (event.seq === 2) listening.resolve()
        if (event.message === 'now') seen.resolve(performance.now())
      }
    })()
    await listening.promise
    const before = performance.now()
    await source.write({ events: [{ type: 'progress', message: 'now' }] })
    expect((await seen.promise) - before).toBeLessThan(300)
    stop.abort()
  })

  it('end at once when they are told to, also while they wait', async () => {
    const stop = new AbortController()
    let count = 0
    for await (const event of records.follow(run, 0, stop.signal)) {
      count++
      // By then it waits for the next one.
      if (event.seq === 2) setImmediate(() => stop.abort())
    }
    expect(count).toBe(2)
  })

  it('are told when there is no such run', async () => {
    await expect(collect(records.follow('nothing', 0, AbortSignal.timeout(1_000)))).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('the log', () => {
  it('arrives whole and in order for every stage, while several write at once', async () => {
    const all = collect(records.followLog(run, { after: 0 }, AbortSignal.timeout(60_000)))
    const onlyA = collect(records.followLog(run, { stage: 'a', after: 0 }, AbortSignal.timeout(60_000)))
    const lines = (name: string) => Array.from({ length: 5_000 }, (_, index) => `${name} line ${index} äöü\n`)
    const write = async (name: string) => {
      const own = sink(name)
      for (const line of lines(name)) await own.write(line)
      await own.end()
    }
    await Promise.all([write('a'), write('b')])
    await finish()
    const chunks = await all
    expect(chunks.map(chunk => chunk.seq)).toEqual(chunks.map((_, index) => index + 1))
    for (const name of ['a', 'b']) {
      const own = chunks.filter(chunk => chunk.stage === name)
      let offset = 0
      for (const chunk of own) {
        expect(chunk.offset).toBe(offset)
        offset += Buffer.byteLength(chunk.text)
        expect(Buffer.byteLength(chunk.text)).toBeLessThanOrEqual(64 * 1024)
      }
      expect(own.map(chunk => chunk.text).join('')).toBe(lines(name).join(''))
    }
    expect(await onlyA).toEqual(chunks.filter(chunk => chunk.stage === 'a'))
  })

  it('goes on where a follower left it', async () => {
    const own = sink('a')
    await own.write('one\n')
    await own.end()
    const [first] = await collect(firstOf(records.followLog(run, { after: 0 }, AbortSignal.timeout(5_000))))
    const more = sink('b')
    await more.write('two\n')
    await more.end()
    await finish()
    const rest = await collect(records.followLog(run, { after: first?.seq ?? 0 }, AbortSignal.timeout(5_000)))
    expect(rest.map(chunk => chunk.text)).toEqual(['two\n'])
  })

  it('is redacted by whole lines, even when a secret comes in pieces', async () => {
    const own = sink('a', text => text.replaceAll('secret-token', '***'))
    await own.write('begin secret-')
    await after(100)
    await own.write('token end\nno newline secret-to')
    await own.write('ken')
    await own.end()
    await finish()
    const chunks = await collect(records.followLog(run, { after: 0 }, AbortSignal.timeout(5_000)))
    expect(chunks.map(chunk => chunk.text).join('')).toBe('begin *** end\nno newline ***')
  })

  it('takes text that no database can hold as it is', async () => {
    const own = sink('a')
    await own.write('zero \0 and half \ud83d end\n')
    await own.end()
    await finish()
    const chunks = await collect(records.followLog(run, { after: 0 }, AbortSignal.timeout(5_000)))
    expect(chunks.map(chunk => chunk.text).join('')).toBe('zero � and half � end\n')
  })

  it('of 100,000 lines is stored without stalling, in little memory', async () => {
    const own = sink('a')
    const before = performance.now()
    const memory = process.memoryUsage().heapUsed
    let most = 0
    for (let line = 0; line < 100_000; line++) {
      await own.write(`${line} changed: [m1] => the play goes on and on and on, with a line of usual length\n`)
      if (line % 10_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed)
    }
    await own.end()
    const took = performance.now() - before
    await finish()
    let bytes = 0
    for await (const chunk of records.followLog(run, { after: 0 }, AbortSignal.timeout(60_000)))
      bytes += Buffer.byteLength(chunk.text)
    expect(bytes).toBeGreaterThan(8_000_000)
    expect(most - memory).toBeLessThan(200_000_000)
    expect(took).toBeLessThan(20_000)
  })
})

describe('a writer of logs that does not wait', () => {
  it('loses nothing as long as the database keeps up within 16 MiB, and is told to wait from 1 MiB on', async () => {
    const own = sink('a')
    const answers = Array.from({ length: 100 }, () => own.write(`${'x'.repeat(65_535)}\n`))
    expect(answers[0]).toBeUndefined()
    expect(answers.at(-1)).toBeInstanceOf(Promise)
    await own.end()
    await finish()
    const chunks = await collect(records.followLog(run, { after: 0 }, AbortSignal.timeout(20_000)))
    expect(chunks.reduce((sum, chunk) => sum + chunk.text.length, 0)).toBe(100 * 65_536)
  })

  it('is cut beyond that, with a line that says so', async () => {
    const own = sink('a')
    for (let part = 0; part < 300; part++) void own.write(`${'x'.repeat(65_535)}\n`)
    await own.end()
    await finish()
    const chunks = await collect(records.followLog(run, { after: 0 }, AbortSignal.timeout(20_000)))
    const text = chunks.map(chunk => chunk.text).join('')
    expect(text.length).toBeLessThan(17 * 1024 * 1024)
    expect(text).toMatch(/\[\d+ bytes of log were left out/)
  })
})

async function* firstOf<T>(items: AsyncIterable<T>): AsyncIterable<T> {
  for await (const item of items) {
    yield item
    return
  }
}
