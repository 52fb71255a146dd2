import { expect, it } from 'vitest'
import type { Informer } from './informer.ts'
import type { LabObject } from './objects.ts'
import { vmClusters } from './victoriametrics/cluster.ts'
import { openWork } from './work.ts'

const object = (name: string, generation: number, namespace = 'shop'): LabObject => ({
  metadata: { name, namespace, uid: name, resourceVersion: String(generation), generation },
})

it('what was made is in the lists at once, as the API gave it back; what others do meanwhile is not', async () => {
  const told = [object('vmstorage-vm', 1), object('of-others', 1), object('vmstorage-vm', 7, 'elsewhere')]
  const settled = Promise.resolve()
  const informer: Informer = { all: () => told, listed: settled, ended: settled }
  const nothing = () => Promise.reject(new Error('nothing is asked'))
  const work = openWork(
    {
      database: undefined,
      informers: { Pod: informer, StatefulSet: informer, Deployment: informer, PersistentVolumeClaim: informer },
      api: {
        apply: async () => object('vmstorage-vm', 2),
        remove: async () => {},
        list: nothing,
        get: nothing,
        merge: nothing,
        watch: () => {
          throw new Error('nothing is watched')
        },
        close() {},
      },
    },
    vmClusters,
    object('vm', 1),
    { namespace: 'own', watches: null, image: '', environment: {} },
  )
  await work.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'vmstorage-vm', namespace: 'shop' },
  })
  told.push(object('late', 1))
  const seen = () => work.list('StatefulSet').map(({ metadata }) => `${metadata.name} ${metadata.generation}`)
  expect(seen()).toEqual(['of-others 1', 'vmstorage-vm 2'])
  await work.remove('StatefulSet', 'vmstorage-vm')
  expect(seen()).toEqual(['of-others 1'])
  expect(work.list('Pod')).toHaveLength(2)
})
