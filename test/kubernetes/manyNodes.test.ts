import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { createLimiter } from '../../src/processes/limiter.ts'
import { openClusterClient } from '../../src/kubernetes/client.ts'
import { nodes } from '../../src/kubernetes/resources.ts'
import { loadDistributions } from '../../src/distributions/index.ts'
import { clusterStagesOf } from '../../src/server/clusterStages.ts'
import { openApi } from '../api/server.ts'
import { type ControlPlane, startControlPlane } from './controlPlane.ts'

const count = 5000
let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
  const client = await openClusterClient(plane.access)
  const { signal } = new AbortController()
  const limiter = createLimiter(32)
  await Promise.all(
    Array.from({ length: count }, (_, number) =>
      limiter.run(() =>
        client.create(nodes, wholeNode(`node-${number}`, `10.${number >> 8}.${number & 255}.1`), { signal }),
      ),
    ),
  )
  await client.close()
})
afterAll(() => plane?.[Symbol.asyncDispose]())

/** As large as one that a kubelet has registered: 50 images and what is said of the machine, some 8 kB. */
const wholeNode = (name: string, address: string) => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  spec: { podCIDR: '10.42.0.0/24' },
  status: {
    addresses: [{ type: 'InternalIP', address }],
    nodeInfo: { kubeletVersion: 'v1.34.1' },
    conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map(type => ({
      type,
      status: type === 'Ready' ? 'True' : 'False',
      reason: 'Kubelet',
      message: 'kubelet is posting ready status',
    })),
    images: Array.from({ length: 50 }, (_, image) => ({
      names: [`registry.test/group/image-${image}@sha256:${'0'.repeat(64)}`, `registry.test/group/image-${image}:v1`],
      sizeBytes: 123_456_789,
    })),
  },
})

const printed = z.object({ items: z.int(), milliseconds: z.number(), megabytes: z.number() })

it.each(['list', 'snapshot', 'discover'])('5,000 Nodes are read in less than 10 s and 200 MB: %s', async how => {
  const program = join(import.meta.dirname, 'listNodes.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, join(plane.folder, 'kubeconfig'), how])
  const { items, milliseconds, megabytes } = printed.parse(JSON.parse(stdout))
  console.log(`${how}: ${items} Nodes in ${milliseconds} ms, ${megabytes} MB more`)
  expect(items).toBe(count)
  expect(milliseconds).toBeLessThan(10_000)
  expect(megabytes).toBeLessThan(200)
})

it('5,000 Nodes go on record in less than 10 s', async () => {
  await using api = await openApi(undefined, clusterStagesOf(await loadDistributions()))
  const discover = async () => {
    const began = performance.now()
    const body = { name: 'large', kubeconfig: plane.kubeconfig }
    const answer = await api.call('POST', '/api/v1/clusters/discover', { body })
    const { nodes: found, differences } = recorded.parse(answer.json())
    expect(found).toHaveLength(count)
    return { milliseconds: Math.round(performance.now() - began), differences: differences.length }
  }
  const [first, again] = [await discover(), await discover()]
  console.log(`discover: ${first.milliseconds} ms, and again ${again.milliseconds} ms`)
  expect(first.differences).toBe(count)
  expect(again.differences).toBe(0)
  expect(Math.max(first.milliseconds, again.milliseconds)).toBeLessThan(10_000)
})
const recorded = z.object({ nodes: z.array(z.unknown()), differences: z.array(z.unknown()) })
