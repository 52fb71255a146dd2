import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ChartComponent } from '../contract.ts'
import { loadOwnComponents } from './load.ts'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'slipway-own-'))
})
afterEach(() => rmSync(place, { recursive: true }))

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(place, path)), { recursive: true })
  writeFileSync(join(place, path), text)
}
const load = (...taken: string[]) => loadOwnComponents(place, new Set(taken))
const image = { registry: 'registry.example' }

describe('components of the user’s own', () => {
  it('are what their file says, with settings that go where it says', async () => {
    write(
      'cache/component.yaml',
      `title: A cache
chart: ./cache-1.0.0.tgz
values: { auth: { enabled: true } }
settings:
  replicas: { type: integer, minimum: 1, default: 3, value: replica.count }
  size: { type: size, default: 8Gi, value: replica.size }
  mode: { type: text, pattern: fast|safe, value: mode }
storage_class: [replica.storageClass]
image: { registry: global.imageRegistry }
ready:
  - { pods: { app: cache }, count: 2 }
  - { api_version: cache.example/v1, kind: Cache, plural: caches, name: main }
`,
    )
    const { components, faults } = await load()
    expect(faults).toEqual([])
    const [cache] = components as readonly ChartComponent[]
    expect(cache).toMatchObject({ kind: 'chart', name: 'cache', layer: 'application', keepsData: true })
    expect(cache?.defaults).toEqual({ namespace: 'cache', timeout_s: 300, required: true })
    expect(cache?.values({ replicas: 2, size: '4Gi' }, { namespace: 'x', storageClass: 'fast', image })).toEqual({
      auth: { enabled: true },
      replica: { count: 2, size: '4Gi' },
      global: { imageRegistry: 'registry.example' },
    })
    const settings = z.object(cache?.settings ?? {})
    expect(settings.safeParse({ mode: 'safe', replicas: 1, size: '1Gi' }).success).toBe(true)
    for (const wrong of [{ mode: 'slow' }, { replicas: 0 }, { size: 'eight' }])
      expect(settings.safeParse(wrong).success).toBe(false)
    const [pods, own] = cache?.ready?.({}, { namespace: 'x', storageClass: null, image }) ?? []
    expect(pods?.missing([])).toBe('0 of 2 are ready')
    const condition = (status: string, observedGeneration: number) =>
      own?.missing([
        {
          metadata: { name: 'main', uid: '1', resourceVersion: '1', generation: 2 },
          status: { conditions: [{ type: 'Ready', status, observedGeneration, reason: 'Starting' }] },
        },
      ])
    expect(condition('True', 1)).toBe('it has not been seen yet')
    expect(condition('False', 2)).toBe('it is not Ready: Starting')
    expect(condition('True', 2)).toBeNull()
  })

  it('may be code, which is given what it needs', async () => {
    write(
      'queue/component.mjs',
      `export default ({ z, looseResource, ofOne }) => ({
  kind: 'objects', name: 'queue', title: 'A queue', layer: 'infrastructure', needs: [],
  defaults: { namespace: 'queue', timeout_s: 60, required: false },
  settings: { replicas: z.int().default(1) },
  objects: () => [], ready: () => [],
})`,
    )
    const { components, faults } = await load()
    expect({ names: components.map(({ name }) => name), faults }).toEqual({ names: ['queue'], faults: [] })
  })

  it('that are wrong are named, with their file, and are in no other’s way', async () => {
    write('good/component.yaml', 'title: Good\nchart: ./good.tgz\n')
    write('typo/component.yaml', 'title: Typo\nchart: ./typo.tgz\nsetings: {}\n')
    write('taken/component.yaml', 'name: operator-pgo\ntitle: Taken\nchart: ./a.tgz\n')
    write('needy/component.yaml', 'title: Needy\nchart: ./a.tgz\nneeds: [nobody]\n')
    write('code/component.mjs', 'export default { kind: "chart" }')
    write('broken/component.mjs', 'throw new Error("no such luck")')
    write('empty/readme.md', 'Not one.')
    const { components, faults } = await load('operator-pgo')
    expect(components.map(({ name }) => name)).toEqual(['good'])
    expect(faults.map(fault => fault.replace(`${place}/`, ''))).toEqual([
      'broken/component.mjs: no such luck',
      'code/component.mjs: name: Invalid input: expected string, received undefined',
      'taken/component.yaml: there is another component operator-pgo',
      'typo/component.yaml: it: Unrecognized key: "setings"',
      'component needy needs nobody, and there is no such component',
    ])
    expect((await loadOwnComponents(`${place}/none`, new Set())).faults).toHaveLength(1)
    expect(await loadOwnComponents('', new Set())).toEqual({ components: [], faults: [] })
  })
})
