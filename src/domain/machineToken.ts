/**
 * A node may be on a machine that Slipway makes: then its address is not known before, and `machine:NAME` stands for it
 * in the desired state. What the machine's address turns out to be is observed, and never written there.
 */
const token = /^machine:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/
const anywhere = /\bmachine:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9-])/g

export const machineToken = (machine: string): string => `machine:${machine}`

/** Name of the machine that is meant; null: this is no token. */
export const machineOfToken = (text: string): string | null => token.exec(text)?.[1] ?? null

/** Where a machine is reached. */
export interface MachineAddress {
  /** Over SSH, from here. */
  readonly reached: string
  /** From the other nodes. */
  readonly internal: string
}

export type MachineAddresses = ReadonlyMap<string, MachineAddress>

type Plain = Readonly<Record<string, unknown>>

/**
 * The same with addresses in the place of tokens, however deep they stand; those of machines that have none yet stay. A
 * node whose machine is reached elsewhere than its neighbours reach it gets both addresses.
 */
export function withAddresses<Value>(value: Value, known: MachineAddresses): Value {
  return known.size === 0 ? value : (replaced(value, known) as Value)
}

function replaced(value: unknown, known: MachineAddresses): unknown {
  if (typeof value === 'string')
    return value.includes('machine:')
      ? value.replace(anywhere, (whole: string, name: string) => known.get(name)?.internal ?? whole)
      : value
  if (Array.isArray(value)) return value.map(one => replaced(one, known))
  if (typeof value !== 'object' || value === null) return value
  const plain = value as Plain
  const outside = outsideOf(plain, known)
  return {
    ...Object.fromEntries(Object.entries(plain).map(([key, below]) => [key, replaced(below, known)])),
    ...(outside !== null && { external_ip: outside, use_external_ip: true }),
  }
}

/** The address from outside that a node gets with its machine's; null: it has one of its own, or needs none. */
function outsideOf({ internal_ip: internal, external_ip: external }: Plain, known: MachineAddresses): string | null {
  if (typeof internal !== 'string' || external !== undefined) return null
  const address = known.get(machineOfToken(internal) ?? '')
  return address && address.reached !== address.internal ? address.reached : null
}

/** Names of the machines whose tokens stand in it; sorted, each once. */
export function machinesIn(value: unknown): readonly string[] {
  const text = JSON.stringify(value) ?? ''
  return [...new Set([...text.matchAll(anywhere)].map(([, name]) => name ?? ''))].toSorted()
}
