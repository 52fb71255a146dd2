import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rke2 } from '../../src/distributions/rke2/index.ts'
import { rke2Format } from '../../src/distributions/rke2/spec/format.ts'
import { explain } from '../../src/domain/explanations.ts'
import { createFindingCatalogue } from '../../src/domain/findingCatalogue.ts'
import { readClusterFile } from '../../src/domain/clusterFile/clusterFile.ts'
import { clusterFileSchema } from '../../src/domain/clusterFile/shape.ts'
import { clusterStagesOf } from '../../src/server/clusterStages.ts'
import { type Api, openApi } from '../api/server.ts'
import { createEmbedded, type TestDatabase } from '../store/databases.ts'
import { until } from '../until.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { toyFormat } from './toy/format.ts'
import { toy } from './toy/index.ts'

/** Another distribution in a folder of its own, known by one line: nothing else of Slipway was made for it. */
const stagesOf = clusterStagesOf([rke2, toy])
const formats = [rke2Format, toyFormat]

const text = (lines: string, world = './world') => `apiVersion: slipway/v1
kind: Cluster
metadata: { name: folders }
spec:
  distribution: toy
  version: t1
  world: ${world}
  nodes:
    - { hostname: a, internal_ip: 10.0.0.1, role: initial_master, node_vars: { colour: red } }
    - { hostname: b, internal_ip: 10.0.0.2, role: worker }
${lines}`
const read = (source: string) => readClusterFile(Buffer.from(source), 'toy.yaml', formats)

describe('a cluster file of it', () => {
  it('is read by its own rules', () => {
    expect(read(text(''))).toMatchObject({ ok: true, file: { spec: { distribution: 'toy', world: './world' } } })
  })

  it.each([
    [text('').replace('t1', 'v1.34.1+rke2r1'), 'a version is written like t1', '`version: t1`'],
    [text('').replace('red', 'green'), 'found "green"', 'Allowed: red, blue.'],
    [text('  cluster_vars: {}\n'), 'a toy has no settings', 'Remove it.'],
    [
      text('  token_file: ./t\n'),
      'unknown key "token_file"',
      'Allowed here: distribution, version, world, ssh, nodes.',
    ],
    [text('').replace(' b,', ' a,'), 'a is used by an earlier node already', 'a hostname and an address of its own'],
    [text('').replace('toy', 'toys'), 'did you mean toy?', 'Allowed: rke2, toy.'],
  ])('is told what is wrong with it: %#', (source, message, remedy) => {
    const reading = read(source)
    const found = reading.ok ? [] : reading.findings
    expect(found).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    )
  })

  it('stands in the schema for editors beside the others', () => {
    const schema = JSON.stringify(clusterFileSchema(formats))
    expect(schema).toContain('"const":"rke2"')
    expect(schema).toContain('"const":"toy"')
  })
})

describe('a cluster of it', () => {
  const key = randomBytes(32)
  let database: TestDatabase
  let folder: string
  let world: string
  let api: Api
  const open = async () => {
    api = await openApi({ location: database.location, key }, stagesOf)
  }
  beforeEach(async () => {
    database = await createEmbedded()
    folder = temporaryFolder('toy')
    world = join(folder, 'world')
    await mkdir(world, { recursive: true })
    await open()
  })
  afterEach(async () => {
    await api[Symbol.asyncDispose]()
    await database.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const document = (source = text('')) => ({ name: 'toy.yaml', source, folder, files: {} })
  const call = async (method: string, path: string, body?: object) => {
    const answer = await api.call(method, `/api/v1${path}`, body ? { body } : {})
    expect(answer.status, answer.body).toBe(200)
    return answer
  }
  const plan = async () => (await call('POST', '/plans', { document: document() })).json()
  const apply = async () => {
    const started = await call('POST', '/clusters/folders/runs', { approve: null, accept: [], document: document() })
    return String(Object(started.json()).run)
  }
  const statusOf = async (run: string) => Object((await call('GET', `/runs/${run}`)).json()).status
  const settled = async (run: string) => {
    await until('the run has ended', async () => !['queued', 'running'].includes(await statusOf(run)))
    return statusOf(run)
  }
  const executed = async () => (await readFile(join(world, 'executed'), 'utf8')).trim().split('\n')

  it('is planned, installed, and shown as any other one', async () => {
    expect(await plan()).toMatchObject({ has_changes: true, stages: { length: 4 } })
    expect(await settled(await apply())).toBe('completed')
    expect(await readFile(join(world, 'b', 'version'), 'utf8')).toBe('t1')
    expect((await call('GET', '/clusters/folders')).json()).toMatchObject({
      distribution: 'toy',
      installation_stage: 'completed',
      node_counts: { active: 2 },
      spec: { world, nodes: [{ node_vars: { colour: 'red' } }, {}] },
    })
    expect((await call('GET', '/clusters/folders/inventory?format=ini')).body).toContain('[folders]')
    expect((await call('GET', '/clusters/folders/kubeconfig')).body).toBe('token: made-for-folders\n')
    expect((await call('GET', '/clusters/folders/snapshots')).json()).toMatchObject({ servers: [] })
    expect(await plan()).toMatchObject({ has_changes: false, stores: false })
  })

  it('has warnings of its own, which are accepted by their names', async () => {
    const odd = document(text('').replace('hostname: b', 'hostname: odd-b'))
    const start = (accept: readonly string[]) =>
      api.call('POST', '/api/v1/clusters/folders/runs', { body: { approve: null, accept, document: odd } })
    const refused = await start([])
    expect(refused.status).toBe(412)
    expect(refused.json()).toMatchObject({ findings: [{ name: 'odd-name', severity: 'warning', about: 'node odd-b' }] })
    expect((await start(['odd-name'])).status).toBe(200)
    expect(explain(createFindingCatalogue([toyFormat.findings]), 'odd-name')).toMatchObject({ accept: 'odd-name' })
  })

  it('goes on after a failure where it stopped', async () => {
    await mkdir(join(world, 'a'))
    await writeFile(join(world, 'a', 'fail'), '')
    const run = await apply()
    expect(await settled(run)).toBe('failed')
    await rm(join(world, 'a', 'fail'))
    await call('POST', `/runs/${run}/resume`, {})
    expect(await settled(run)).toBe('completed')
    expect((await executed()).toSorted()).toEqual(['a', 'a', 'b'])
  })

  it('goes on in another process with what was under way', async () => {
    await mkdir(join(world, 'b'))
    await writeFile(join(world, 'b', 'hold'), '')
    const run = await apply()
    await until('b is worked on', async () => existsSync(join(world, 'executed')) && (await executed()).includes('b'))
    await until('a is done', () => existsSync(join(world, 'a', 'version')))
    await api[Symbol.asyncDispose]()
    await rm(join(world, 'b', 'hold'))
    await open()
    expect(await settled(run)).toBe('completed')
    expect((await executed()).toSorted()).toEqual(['a', 'b', 'b'])
  })
})
