import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What a machine that is added to a lab is given by its provider; kept with the host's seed, for when it is re-imaged. */
const Guest = z.strictObject({
  /** As the provider's metadata has it; user data may say otherwise. */
  hostname: z.string().default('localhost'),
  /** The user that the image brings. */
  defaultUser: z.string().default('debian'),
  /** cloud-init's. */
  userData: z.string().default(''),
  /** Public keys that the provider gives to root. */
  rootKeys: z.array(z.string()).default([]),
})
export type Guest = z.infer<typeof Guest>
export type GuestOptions = z.input<typeof Guest>

export const guestOf = (options: GuestOptions): Guest => Guest.parse(options)

const fileIn = (seed: string): string => join(seed, 'guest.json')

/** Null for a host of the lab's own. */
export function readGuest(seed: string): Guest | null {
  return existsSync(fileIn(seed)) ? Guest.parse(JSON.parse(readFileSync(fileIn(seed), 'utf8'))) : null
}

export const writeGuest = (seed: string, guest: Guest): void =>
  writeFileSync(fileIn(seed), JSON.stringify(guest), { mode: 0o600 })
