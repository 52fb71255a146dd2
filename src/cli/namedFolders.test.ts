import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readClusterInput } from './clusterFileInput.ts'
import { SlipwayError } from '../domain/errors.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-folders-'))
})
afterEach(() => rm(folder, { recursive: true }))

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
async function put(name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true })
  await writeFile(join(folder, name), content)
}
async function read(manifests: string) {
  await put(
    'c.yaml',
    `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  manifests: ${manifests}
  nodes: [{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master }]
`,
  )
  return readClusterInput(join(folder, 'c.yaml'))
}
/** Names of what is found, each at its place. */
const findings = (manifests: string) =>
  read(manifests).then(
    ({ warnings }) => warnings.map(({ name, place }) => `${name} ${place?.path}`),
    (error: unknown) => {
      if (!(error instanceof SlipwayError)) throw error
      return error.findings.map(({ name, place }) => `${name} ${place?.path}`)
    },
  )

it('the files of a folder are sent as they are, under its name, and stand in its place', async () => {
  await put('m/b.yaml', configMap('b'))
  await put('m/a.json', '\ufeff{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}\r\n')
  await put('m/notes.md', 'no manifest')
  const { file, files, warnings } = await read('[./m/]')
  expect(file.spec).toMatchObject({ manifests: ['./m/a.json', './m/b.yaml'] })
  expect(files).toEqual({
    './m/a.json': '\ufeff{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}\r\n',
    './m/b.yaml': configMap('b'),
  })
  expect(warnings).toEqual([])
})

it('a folder that is none, or has nothing that is meant, is told at its place', async () => {
  await put('empty/notes.md', 'no manifest')
  await put('file', 'no folder')
  expect(await findings('[./empty, ./gone, ./file]')).toEqual([
    'folder-empty spec.manifests[0]',
    'folder-unreadable spec.manifests[1]',
    'folder-unreadable spec.manifests[2]',
  ])
})

it('what is wrong in a file of a folder is told at the place of the folder', async () => {
  await put('m/app.yaml', 'no object')
  await put('m/app.v2.yaml', configMap('b'))
  await put('m/rke2-coredns.yaml', configMap('c'))
  await mkdir(join(folder, 'm/sub.yaml'))
  expect((await findings('[m]')).toSorted()).toEqual([
    'key-file-unreadable spec.manifests[0]',
    'manifest-invalid spec.manifests[0]',
    'manifest-name spec.manifests[0]',
    'manifest-twice spec.manifests[0]',
  ])
})

it('files that are too large together are refused, each of them being right', async () => {
  const large = configMap('a').padEnd(1024 * 1024, '# filling\n')
  for (const name of 'abcdefghijklmnop') await put(`m/${name}.yaml`, large)
  expect(await findings('[m]')).toEqual([])
  await put('m/q.yaml', configMap('q'))
  expect(await findings('[m]')).toEqual(['own-file-too-large spec'])
})
