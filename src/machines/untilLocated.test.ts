import { expect, it } from 'vitest'
import type { AttemptContext } from '../engine/contract/stage.ts'
import { defineProvider } from './contract.ts'
import { existing } from './existing/provider.ts'
import type { MachineSession } from './session.ts'
import { untilLocated } from './untilLocated.ts'

const never = new AbortController().signal
const context = (signal: AbortSignal = never) =>
  ({ signal, environment: {}, progress: async () => {} }) as unknown as AttemptContext

function sessionOf(locate: (() => Promise<readonly string[]>) | undefined, addresses?: () => readonly string[]) {
  const provider = defineProvider({ ...existing, addresses, ...(locate && { locate }) } as typeof existing)
  return {
    directory: '/nowhere',
    wanted: async () => ({ name: 'w1', uid: '0', provider, spec: { settings: {} } }),
    state: async () => null,
  } as unknown as MachineSession
}

it('a provider is asked until it tells an address', async () => {
  let asked = 0
  const session = sessionOf(async () => (++asked < 3 ? [] : ['192.0.2.7', '2001:db8::7']))
  expect(await untilLocated(session, context(), AbortSignal.timeout(5000), 1)).toEqual({
    addresses: ['192.0.2.7', '2001:db8::7'],
    internal: null,
  })
})

it('an address that does not come is an error that names the machine; so is one that nobody tells', async () => {
  const silent = untilLocated(
    sessionOf(async () => []),
    context(),
    AbortSignal.timeout(20),
    1,
  )
  await expect(silent).rejects.toMatchObject({
    code: 'machine-unanswered',
    message: expect.stringMatching(/^machine w1 was made, and existing tells no address of it in the time/),
  })
  await expect(untilLocated(sessionOf(undefined), context(), never)).rejects.toMatchObject({
    code: 'machine-unanswered',
  })
})

it('waiting ends when it is cancelled', async () => {
  const stop = new AbortController()
  const session = sessionOf(async () => {
    stop.abort(new Error('cancelled'))
    return []
  })
  await expect(untilLocated(session, context(stop.signal), never)).rejects.toThrow(/cancelled|aborted/)
})
