import { expect, it } from 'vitest'
import { fieldPathIn, withoutField } from './fieldPath.ts'

/** Fields as the API names them in conflicts, found in an object whose names hold dots as well. */

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'a', app: 'b' } },
  data: { 'a.b': '1', 'a.b.c': '2', a: { b: 3 } },
  spec: {
    containers: [
      { name: 'x[1]', image: 'a' },
      { name: 'web', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }], args: ['a'] },
    ],
    finalizers: ['one', 'two'],
  },
}

it.each([
  ['.metadata.labels.app.kubernetes.io/name', ['metadata', 'labels', 'app.kubernetes.io/name']],
  ['.metadata.labels.app', ['metadata', 'labels', 'app']],
  ['.data.a.b.c', ['data', 'a.b.c']],
  ['.data.a.b', ['data', 'a.b']],
  ['.spec.containers[name="web"].args', ['spec', 'containers', 1, 'args']],
  ['.spec.containers[name="x[1]"].image', ['spec', 'containers', 0, 'image']],
  ['.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]', ['spec', 'containers', 1, 'ports', 0]],
  ['.spec.containers[name="web"].ports[containerPort=80,protocol="UDP"].name', null],
  ['.spec.containers[1].args[0]', ['spec', 'containers', 1, 'args', 0]],
  ['.spec.finalizers[="two"]', ['spec', 'finalizers', 1]],
  ['.spec.containers[name="none"].image', null],
  ['.spec.containers[name="web"', null],
  ['.spec.replicas', null],
])('%s is %j', (field, path) => {
  expect(fieldPathIn(object, field)).toEqual(path)
})

it('is taken out of its object, and nothing else', () => {
  expect(withoutField({ a: { b: [{ c: 1, d: 2 }, 3], e: null } }, ['a', 'b', 0, 'c'])).toEqual({
    a: { b: [{ d: 2 }, 3], e: null },
  })
  expect(withoutField({ a: [1, 2] }, ['a', 0])).toEqual({ a: [2] })
  expect(withoutField({ a: 1 }, ['b'])).toEqual({ a: 1 })
})
