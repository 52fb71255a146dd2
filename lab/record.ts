import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LabError } from './errors.ts'
import { labFolder, labsFolder } from './places.ts'

/** What is written down about a lab. What runs is never written down: the kernel is asked (cgroups, links, name spaces). */
const word = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/)

const HostRecord = z.strictObject({
  name: word,
  /** Counts from 0 within its place; addresses follow from it. */
  number: z.number().int().min(0),
  place: z.enum(['outside', 'inside', 'jump']),
  /** Hosts with the same island see each other only; null: not partitioned. */
  island: z.number().int().nullable(),
  /** Bandwidth in kbit/s, both directions; null: unlimited. */
  kbit: z.number().int().nullable(),
  /** Added latency in milliseconds, each direction; null: none. */
  delay: z.number().int().nullable().default(null),
  /** Added as a provider's machine: its users are those of its user data, and none is the lab's. */
  guest: z.boolean().default(false),
})
export type HostRecord = z.infer<typeof HostRecord>

const LabRecord = z.strictObject({
  format: z.literal(1),
  name: word,
  /** Six hex digits; in the name of everything the lab makes in the kernel. */
  id: z.string().regex(/^[0-9a-f]{6}$/),
  /** The first three numbers of the lab's addresses. */
  network: z.string().regex(/^10\.\d+\.\d+$/),
  /** The lab's IPv6 prefix without `::/64`; null: IPv4 only. */
  network6: z.string().nullable(),
  /** 'starting' without a process that holds the lab's lock is a leftover. */
  phase: z.enum(['starting', 'up']),
  /** The checkout whose command made it. */
  checkout: z.string(),
  /** The lab ends with this process; null: it lives until it is taken down. */
  owner: z.strictObject({ pid: z.number().int(), started: z.string() }).nullable(),
  /** The root file system under the hosts' disks; a disk fits no other. */
  rootfs: z.string(),
  /** The folder of Kubernetes' programs that hosts see; null: none. */
  kubernetes: z.string().nullable(),
  /** The folder the release server serves, and the versions in it; null: none. */
  releases: z.string().nullable(),
  versions: z.array(z.string()),
  /** The folder that hosts with real pods see beside that; null: kwok stands for what runs in pods. */
  pods: z.string().nullable().default(null),
  hosts: z.array(HostRecord),
})
export type LabRecord = z.infer<typeof LabRecord>

export function checkedName(name: string, what: string): string {
  if (word.safeParse(name).success) return name
  throw new LabError(
    `${JSON.stringify(name)} can't be the name of a ${what}`,
    'Use up to 32 letters a–z, digits and dashes.',
    {
      exitCode: 2,
    },
  )
}

const fileOf = (lab: string): string => join(labFolder(lab), 'lab.json')

export function readRecord(lab: string): LabRecord | null {
  return existsSync(fileOf(lab)) ? parseRecord(fileOf(lab)) : null
}

export function parseRecord(file: string): LabRecord {
  try {
    return LabRecord.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new LabError(`${file} is not a lab's record`, `Remove its folder, or use the checkout that made it.`, {
      cause,
    })
  }
}

export function writeRecord(record: LabRecord): void {
  mkdirSync(labFolder(record.name), { recursive: true, mode: 0o700 })
  const file = fileOf(record.name)
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Names of all labs of this machine's user, running or not. */
export function labNames(): string[] {
  return existsSync(labsFolder) ? readdirSync(labsFolder) : []
}

/** As `readRecord`, but null also for what another version of the lab has written: its labs are none of our business. */
export function readableRecord(lab: string): LabRecord | null {
  try {
    return readRecord(lab)
  } catch (error) {
    if (error instanceof LabError) return null
    throw error
  }
}
