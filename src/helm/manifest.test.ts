import { expect, it } from 'vitest'
import { manifestObjects } from './manifest.ts'

const text = `
apiVersion: v1
kind: ConfigMap
metadata: { name: a, annotations: { helm.sh/resource-policy: " Keep " } }
mode: 0644
on: yes
quoted: "no"
---
# nothing
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Secret, metadata: { name: b, namespace: x, annotations: { helm.sh/resource-policy: keep } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: c, annotations: { helm.sh/hook: "pre-install, post-upgrade" } }
`

it('the objects of a manifest are read as Helm reads them: what is kept, when a hook is made, and YAML 1.1', () => {
  const objects = manifestObjects(text)
  expect(objects.map(({ body: _body, ...one }) => one)).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', kept: true, hooks: [] },
    { apiVersion: 'v1', kind: 'Secret', name: 'b', namespace: 'x', kept: false, hooks: [] },
    { apiVersion: 'batch/v1', kind: 'Job', name: 'c', kept: false, hooks: ['pre-install', 'post-upgrade'] },
  ])
  expect(objects[0]?.body).toMatchObject({ mode: 420, on: true, quoted: 'no' })
})
