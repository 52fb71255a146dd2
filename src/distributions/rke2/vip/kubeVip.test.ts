import { expect, it } from 'vitest'
import { z } from 'zod'
import { parse } from 'yaml'
import { argumentsOfStage } from '../stageBench.fixture.ts'
import { machineFacts } from '../machineFacts.fixture.ts'
import { only } from '../arguments.ts'
import { wantedVipFiles } from './wanted.ts'

const pod = z.object({
  spec: z.object({
    hostNetwork: z.literal(true),
    hostAliases: z.array(z.object({ ip: z.string(), hostnames: z.array(z.string()) })),
    containers: z.tuple([
      z.object({ image: z.string(), env: z.array(z.object({ name: z.string(), value: z.string() })) }),
    ]),
  }),
})

it('kube-vip is a static pod that holds the address on the interface, and asks its own server for the lease', () => {
  const stage = argumentsOfStage('rke2/vip', 3, 0, {
    vip: { address: '10.0.0.100', provider: 'kube-vip', image: 'mirror.example/kube-vip:v9' },
    cluster_vars: { 'data-dir': '/data/rke2' },
  })
  const facts = machineFacts({ interfaces: [{ interface: 'ens3', address: '10.0.0.0', prefix: 24 }] })
  const files = wantedVipFiles(stage, only(stage), facts, { hashKey: '00'.repeat(32), password: 'x' })
  expect(files?.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '0600 /data/rke2/agent/pod-manifests/kube-vip.yaml',
  ])
  const { spec } = pod.parse(parse(files?.[0]?.content ?? ''))
  const [{ image, env }] = spec.containers
  const settings = Object.fromEntries(env.map(({ name, value }) => [name, value]))
  expect(image).toBe('mirror.example/kube-vip:v9')
  expect(settings).toMatchObject({
    address: '10.0.0.100',
    vip_interface: 'ens3',
    vip_subnet: '32',
    vip_leaderelection: 'true',
  })
  expect(spec.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['kubernetes'] }])
})
