import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClusterInput, readClusterInput } from '../../src/cli/clusterFileInput.ts'
import { readServerToken } from '../../src/distributions/rke2/spec/serverToken.ts'
import { type Finding, SlipwayError } from '../../src/domain/errors.ts'
import { findings as catalogue } from '../../src/distributions/index.ts'
import { components } from './planted/components.ts'
import { fileWith, type PlantedFault } from './planted/fault.ts'
import { labelsAndTaints } from './planted/labels.ts'
import { machines } from './planted/machines.ts'
import { members } from './planted/members.ts'
import { nameServers } from './planted/name-servers.ts'
import { names } from './planted/names.ts'
import { podRanges } from './planted/pod-ranges.ts'
import { ports } from './planted/ports.ts'
import { refusalsOf, unlooked } from './planted/refusals.ts'
import { serviceRanges } from './planted/service-ranges.ts'
import { snapshots } from './planted/snapshots.ts'
import { sources } from './planted/sources.ts'
import { switches } from './planted/switches.ts'

// Each file here has one fault. `slipway validate` refuses it at its place; so does RKE2 once the file is rendered, and
// where it would not, the row says why. The neighbour of each fault is taken by both.

const tables: Readonly<Record<string, readonly PlantedFault[]>> = {
  'ranges of pods': podRanges,
  'ranges of services': serviceRanges,
  'name servers and the domain': nameServers,
  ports,
  'machines and their addresses': machines,
  'members and their names': members,
  'labels and taints': labelsAndTaints,
  'snapshots of etcd': snapshots,
  'components and profiles': components,
  'names, modes and arguments': names,
  'switches, numbers and lengths of time': switches,
  'versions, tokens, registries and proxies': sources,
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planted-'))
})
afterAll(() => rm(folder, { recursive: true }))

let written = 0
/** What `slipway validate` reads: the file, and those beside it. */
async function write(row: PlantedFault, which: 'fault' | 'neighbour'): Promise<string> {
  const home = join(folder, String(written++))
  await mkdir(home)
  for (const [name, text] of Object.entries(row.files?.[which] ?? {}))
    await writeFile(join(home, name), text, { mode: 0o600 })
  const file = join(home, 'cluster.yaml')
  await writeFile(file, JSON.stringify(fileWith(row, which)))
  return file
}

type Validated = { readonly input: ClusterInput | null; readonly findings: readonly Finding[] }

async function validate(file: string): Promise<Validated> {
  try {
    const input = await readClusterInput(file)
    return { input, findings: input.warnings }
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'cluster-file-invalid')
      return { input: null, findings: error.findings }
    throw error
  }
}

const shown = ({ place, name, severity }: Finding) => `${severity} ${place?.path} ${name}`

describe.each(Object.entries(tables))('%s', (_, rows) => {
  describe.each(rows.map(row => [row.what, row] as const))('%s', (_, row) => {
    it('is refused by validate, at its place and with a reason', async () => {
      const { input, findings } = await validate(await write(row, 'fault'))
      const severity = catalogue.acceptable.includes(row.finding) ? 'warning' : 'error'
      expect(findings.map(shown)).toEqual([row.at].flat().map(path => `${severity} spec.${path} ${row.finding}`))
      expect(input === null).toBe(severity === 'error')
      for (const { message, remedy } of findings) expect(`${message} ${remedy}`).toMatch(row.says)
    })

    const { refused } = row
    it(refused instanceof RegExp ? 'is refused by RKE2' : `is taken by RKE2: ${refused.because}`, () => {
      const ask = () => refusalsOf(unlooked.parse(fileWith(row, 'fault').spec), row.files?.fault['token'])
      if (refused instanceof RegExp) expect(ask().join('\n')).toMatch(refused)
      else if (refused.written === false) expect(ask).toThrow()
      else expect(ask()).toEqual([])
    })

    it('has a right neighbour, which both take', async () => {
      const { input, findings } = await validate(await write(row, 'neighbour'))
      expect(findings).toEqual([])
      if (input === null) throw new Error('nothing was found, and the file was refused')
      const token = row.files?.neighbour['token']
      const read = token === undefined ? undefined : readServerToken(token)
      expect(refusalsOf(input.file.spec, read?.ok ? read.value : undefined)).toEqual([])
    })
  })
})

describe('the table', () => {
  const rows = Object.values(tables).flat()
  it('has every row once', () => {
    expect(new Set(rows.map(row => JSON.stringify([row.base, row.given, row.fault, row.files]))).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThan(250)
  })
})
