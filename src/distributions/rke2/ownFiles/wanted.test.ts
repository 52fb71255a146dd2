import { expect, it } from 'vitest'
import type { ClusterArguments, NodeArguments } from '../arguments.ts'
import { wantedOwnFiles } from './wanted.ts'

const cluster: ClusterArguments = {
  name: 'demo',
  distribution: 'rke2',
  version: 'v1.34.1+rke2r1',
  manifests: ['./own.yaml'],
  files: { containerd_template: './own.tmpl' },
}
const node = (index: number): NodeArguments => ({ hostname: `m${index}`, internal_ip: '10.0.0.1', role: 'master' })
const hashKey = 'ab'.repeat(32)

/** Contents, and how often each file was taken out of them. */
function counted(contents: Readonly<Record<string, string>>) {
  const taken: string[] = []
  const watched = new Proxy(contents, {
    get(of, file: string) {
      taken.push(file)
      return of[file]
    },
  })
  return { contents: watched, taken }
}

it('a file of the user’s own is hashed once for all nodes, and anew where its contents were read anew', () => {
  const { contents, taken } = counted({ './own.yaml': 'kind: ConfigMap', './own.tmpl': '{{ template "base" . }}' })
  const [first, ...others] = [0, 1, 2, 3].map(index =>
    wantedOwnFiles({ cluster, node: node(index), contents, hashKey }, null),
  )
  for (const other of others) expect(other).toEqual(first)
  expect(taken.toSorted()).toEqual(['./own.tmpl', './own.yaml'])

  const changed = { './own.yaml': 'kind: Secret', './own.tmpl': '{{ template "base" . }}' }
  const again = wantedOwnFiles({ cluster, node: node(0), contents: changed, hashKey }, null)
  expect(again.map(({ hmac }) => hmac === first?.find(file => file.hmac === hmac)?.hmac)).toEqual([false, true])
  const otherKey = wantedOwnFiles({ cluster, node: node(0), contents: changed, hashKey: 'cd'.repeat(32) }, null)
  expect(otherKey.map(({ hmac }) => hmac)).not.toContain(again[1]?.hmac)
})
