import { SlipwayError } from '../domain/errors.ts'
import type { Change, Unmet } from '../engine/contract/stage.ts'
import { aboutMachine } from './findings.ts'
import type { MachineSession } from './session.ts'

/** ms; a machine that is frozen keeps its connections, and says nothing on them. */
const patience = 10_000

/** A machine that was made whole and does not answer as itself: it is off, cut off, gone, or another one is there. */
export interface Silence {
  readonly address: string
  /** For people. */
  readonly reason: string
  /** Who answers has another host key. */
  readonly key: boolean
}

/** Logs in to a machine that was seen before, and asks for its name. Null: it is there, or nobody logs in to it. */
export async function silenceOf(session: MachineSession, signal: AbortSignal): Promise<Silence | null> {
  const {
    provider,
    addresses: [address],
  } = await session.wanted()
  if (provider.shared || address === undefined) return null
  const silent = (reason: string, key = false): Silence => ({ address, reason, key })
  const { machine } = session
  try {
    const hosts = await session.hosts(address)
    try {
      const { exitCode, stdout, stderr } = await hosts.run(machine, { command: 'hostname', signal, timeout: patience })
      if (exitCode !== 0) return silent(`hostname ends with ${exitCode} there: ${stderr.trim() || 'without a word'}`)
      const [name = ''] = stdout.trim().split('.')
      // A host that was given may be called otherwise.
      return provider.module === null || name === machine ? null : silent(`${name} answers there`)
    } finally {
      await hosts.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SlipwayError)) throw error
    return silent(error.message, error.code === 'host-key-changed')
  }
}

export const keyChanged = (machine: string, { address, reason }: Silence): Unmet =>
  aboutMachine(
    machine,
    'machine-key-changed',
    'warning',
    `it does not answer as itself at ${address}: ${reason}`,
    'If it was installed anew on purpose, accept it; else somebody else is there.',
  )

/** What is done about it. */
export const wakening = (machine: string, { key }: Silence): Change => ({
  effect: 'update',
  target: `machine/${machine}`,
  summary: key ? 'take its new host key on record' : 'wait until it answers',
})

/** What people can do about it. */
export const silenceRemedy = (machine: string, { key }: Pick<Silence, 'key'>): string =>
  key
    ? `If it was installed anew on purpose, take its new key: slipway machine create ${machine} --accept machine-key-changed.`
    : `See what it is at its provider. Where it is lost: slipway machine destroy ${machine}, and create it again.`
