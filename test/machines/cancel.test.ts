import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { processesMarked } from '../processes.ts'
import { until } from '../until.ts'
import { openYard, type Yard } from './yard.ts'

/** OpenTofu is interrupted in good order: what it has made is on record, and create and destroy go on from there. */
let yard: Yard
beforeAll(async () => {
  yard = await openYard(2)
  await yard.serve()
})
afterAll(() => yard?.[Symbol.asyncDispose]())

const detail = z.object({ status: z.string(), last_error: z.string().nullable(), resources: z.array(z.string()) })

async function cancelled(operation: 'create' | 'destroy'): Promise<void> {
  const hitch = operation === 'create' ? 'hold' : 'hold-destroy'
  yard.put('m1', hitch)
  const run = await yard.start('m1', operation)
  if (run === null) throw new Error('nothing to do')
  const word = operation === 'create' ? 'machine: creating' : 'place: destroying'
  for await (const event of yard.events(run)) if (event.message.includes(word)) break
  expect(await yard.desk.slipway(['cancel', run])).toMatchObject({ code: 0 })
  expect(processesMarked(`SLIPWAY_ATTEMPT=${run}/`)).toEqual([])
  expect(await yard.get('/machines/m1', detail)).toMatchObject({ status: 'failed', last_error: 'cancelled' })
  yard.take('m1', hitch)
}

it('a create that is cancelled keeps what was made, and the same wish goes on with it', async () => {
  await cancelled('create')
  expect(await yard.get('/machines/m1', detail)).toMatchObject({
    resources: ['terraform_data.machine', 'terraform_data.place'],
  })
  expect(await yard.done('m1', 'create')).toBe('completed')
  expect(yard.did('m1')).toEqual(['made'])
})

it('a destroy that is cancelled keeps what is left, and the same wish goes on with it', async () => {
  await cancelled('destroy')
  expect(await yard.get('/machines/m1', detail)).toMatchObject({ resources: ['terraform_data.place'] })
  expect(await yard.done('m1', 'destroy')).toBe('completed')
  expect(yard.there()).toEqual([])
})

it('Ctrl-C where nobody can be asked leaves the run to the server', async () => {
  yard.put('m2', 'hold')
  const child = yard.desk.start(['machine', 'create', 'm2', '-f', yard.file, '--yes'])
  let said = ''
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()))
  await until('it is being made', () => said.includes('machine: creating'))
  child.kill('SIGINT')
  await once(child, 'close')
  expect(child.exitCode).toBe(130)
  expect(said).toMatch(/The server goes on with it: slipway logs -f \w+/)
  yard.take('m2', 'hold')
  await until('it is made', async () => (await yard.get('/machines/m2', detail)).status === 'active')
})
