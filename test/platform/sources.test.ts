import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { packFolder } from '../../src/domain/clusterFile/folderArchive.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { freePort } from '../freePort.ts'
import { byApi } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { type ChartRegistry, startRegistry } from './chartRegistry.ts'
import { packedChart } from './packedChart.ts'

/** Charts from a real OCI registry and from a chart repository: fetched in one version, and held against their digest. */

let plane: ControlPlane
let registry: ChartRegistry
beforeAll(async () => {
  ;[plane, registry] = await Promise.all([startControlPlane(), startRegistry()])
  registry.push(web)
}, 60_000)
afterAll(() => Promise.all([plane?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]))

const bench = chartBench(() => byApi(() => plane.kubeconfig))
const config = (text: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { text } })
const web = packedChart({ 'templates/a.yaml': config('{{ .Chart.Version }}') })
const digestOf = (packed: Uint8Array) => `sha256:${createHash('sha256').update(packed).digest('hex')}`
const nothing = Buffer.alloc(0)
const unmet = async (chart: Parameters<typeof bench.plan>[1]) =>
  (await bench.plan(nothing, chart ?? { name: 'none' })).stages.flatMap(stage => stage.unmet)
const installed = (namespace: string) =>
  plane.kubectl(['get', 'configmap', 'a', `--namespace=${namespace}`, '--output=jsonpath={.data.text}'])

/** A repository of charts: an index, and the packed charts beside it. */
async function serveRepository(packed: Uint8Array, digest: string) {
  const server = createServer(({ url }, response) => {
    const index = { apiVersion: 'v1', entries: { web: [{ name: 'web', version: '1.0.0', urls: ['web.tgz'], digest }] } }
    if (url === '/index.yaml') response.end(stringify(index))
    else if (url === '/web.tgz') response.end(packed)
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    repository: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

it('from a registry: in its version, and with its digest', async () => {
  const chart = { name: 'oci', chart: `${registry.reference}/web`, version: '1.0.0' }
  expect(await bench.apply(nothing, { ...chart, digest: digestOf(web) })).toMatchObject({ status: 'completed' })
  expect(installed('oci')).toBe('1.0.0')
  expect((await bench.plan(nothing, chart)).has_changes).toBe(false)
})

it('from a repository', async () => {
  await using served = await serveRepository(web, digestOf(web).slice('sha256:'.length))
  const chart = { name: 'repository', chart: 'web', version: '1.0.0', repository: served.repository }
  expect(await bench.apply(nothing, chart)).toMatchObject({ status: 'completed' })
  expect(installed('repository')).toBe('1.0.0')
})

it('what cannot be fetched, or is another one than was named, stands in the way of the plan', async () => {
  const oci = { name: 'oci', chart: `${registry.reference}/web`, version: '1.0.0' }
  expect(await unmet({ ...oci, version: '2.0.0' })).toMatchObject([{ name: 'chart-unavailable', severity: 'error' }])
  expect(await unmet({ ...oci, chart: `${registry.reference}/nothing` })).toMatchObject([{ name: 'chart-unavailable' }])
  expect(await unmet({ ...oci, digest: digestOf(nothing) })).toMatchObject([
    { name: 'chart-unavailable', message: expect.stringContaining(digestOf(web)) },
  ])
  const away = { name: 'away', chart: 'web', version: '1.0.0', repository: `http://127.0.0.1:${await freePort()}` }
  expect(await unmet(away)).toMatchObject([{ name: 'chart-unavailable', message: expect.stringContaining('refused') }])
})

it('from a folder: packed by Helm, without what is not to be in it, and the same folder is the same chart', async () => {
  const files = {
    'Chart.yaml': stringify({ apiVersion: 'v2', name: 'web', version: '1.2.3' }),
    'templates/a.yaml': config('{{ .Files.Get `notes.txt` }}{{ .Chart.Version }}'),
    'templates/_helpers.tpl': '{{/* none */}}',
    'notes.txt': 'ignored',
    '.helmignore': 'notes.txt\n',
  }
  const folderOf = (changes: object = {}) =>
    packFolder(
      Object.entries({ ...files, ...changes }).map(([path, text]) => ({ path, contents: Buffer.from(String(text)) })),
    )
  const chart = { name: 'folder' }
  expect(await bench.apply(folderOf(), chart)).toMatchObject({ status: 'completed' })
  expect(installed('folder')).toBe('1.2.3')
  expect((await bench.plan(folderOf(), chart)).has_changes).toBe(false)
  expect((await bench.plan(folderOf({ 'templates/a.yaml': config('other') }), chart)).has_changes).toBe(true)
  const findings = async (changes: object, more = {}) =>
    (await bench.plan(folderOf(changes), { ...chart, ...more })).stages.flatMap(({ unmet: found }) => found)
  expect(await findings({ 'Chart.yaml': 'name: web' })).toMatchObject([{ name: 'chart-invalid' }])
  expect(await findings({}, { digest: digestOf(nothing) })).toMatchObject([
    { name: 'chart-unavailable', message: expect.stringContaining('this is a folder') },
  ])
})
