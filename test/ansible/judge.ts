import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { findAnsible } from '../../src/ansible/tools.ts'
import type { Json } from '../../src/contract/json.ts'

const group = z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) })
const hostvars = z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.json())) })
const listing = z
  .record(z.string(), z.unknown())
  .transform(({ _meta: meta, ...groups }) => ({ groups, ...hostvars.parse(meta) }))

/** What ansible-inventory --list says about one inventory. */
export interface Judged {
  readonly hosts: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Hosts of a group, those of its children included, sorted. */
  members(name: string): string[]
}

/** Asks the real ansible-inventory about each text. `extension` picks Ansible's reader: yml, ini or sh. */
export async function judge(texts: readonly string[], extension: 'yml' | 'ini' | 'sh'): Promise<Judged[]> {
  const { python } = await findAnsible()
  const folder = mkdtempSync(join(tmpdir(), 'slipway-judge-'))
  try {
    const names = texts.map((_, index) => String(index).padStart(5, '0'))
    for (const [index, text] of texts.entries())
      writeFileSync(join(folder, `${names[index]}.in.${extension}`), text, { mode: 0o700 })
    execFileSync(python, ['-I', '-B', '-W', 'ignore', join(import.meta.dirname, 'judge.py'), folder], {
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_HOME: folder,
        ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
        ANSIBLE_INVENTORY_UNPARSED_FAILED: '1',
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1',
      },
    })
    return names.map(name => judged(JSON.parse(readFileSync(join(folder, `${name}.list`), 'utf8'))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function judged(printed: unknown): Judged {
  const parsed = listing.parse(printed)
  const members = (name: string): string[] => {
    const { hosts, children } = group.parse(parsed.groups[name] ?? {})
    return [...new Set([...hosts, ...children.flatMap(members)])].toSorted()
  }
  const hosts = Object.entries(parsed.hostvars).map(([name, variables]) => [
    name,
    Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, plain(value)])),
  ])
  return { hosts: Object.fromEntries(hosts), members }
}

/** Ansible prints unsafe strings as `{"__ansible_unsafe": text}`. */
function plain(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  const entries = Object.entries(value)
  const [key, inner] = entries[0] ?? []
  if (entries.length === 1 && key === '__ansible_unsafe' && inner !== undefined) return inner
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]))
}
