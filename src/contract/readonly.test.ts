import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { clusterSpec, sshSettings } from '../domain/cluster.ts'
import { eventData } from './eventData.ts'
import { pageOf } from './page.ts'

/** Parts of the cluster file, which is written by people and by what reads it. */
const ofTheFile = new Set<unknown>([clusterSpec, sshSettings])

/** Where a value of the shape could be changed, as paths. */
function* changeable(shape: unknown, path: string, held = false): Generator<string> {
  if (ofTheFile.has(shape)) return
  if (shape instanceof z.ZodReadonly) yield* changeable(shape.unwrap(), path, true)
  else if (shape instanceof z.ZodObject) {
    if (!held) yield path
    for (const [key, part] of Object.entries(shape.shape)) yield* changeable(part, `${path}.${key}`)
  } else if (shape instanceof z.ZodArray) {
    if (!held) yield path
    yield* changeable(shape.element, `${path}[]`)
  } else if (shape instanceof z.ZodRecord) {
    if (!held) yield path
    yield* changeable(shape.valueType, `${path}{}`)
  } else if (shape instanceof z.ZodUnion) for (const option of shape.options) yield* changeable(option, path, held)
  else if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable || shape instanceof z.ZodDefault)
    yield* changeable(shape.unwrap(), path, held)
}

it('finds what could be changed', () => {
  const shape = z
    .object({ list: z.array(z.object({ a: z.string() }).readonly()), record: z.record(z.string(), z.int()).optional() })
    .readonly()
  expect([...changeable(shape, 's')]).toEqual(['s.list', 's.record'])
  expect([...changeable(z.object({ a: z.array(z.string()).readonly().nullable() }), 's')]).toEqual(['s'])
})

it('no value of a shape of the contract can be changed, at whatever depth', async () => {
  const shapes: [string, unknown][] = Object.entries({ ...eventData, page: pageOf(z.string()) })
  for (const file of readdirSync(import.meta.dirname).filter(name => /^\w+\.ts$/.test(name))) {
    const exported: Record<string, unknown> = await import(join(import.meta.dirname, file))
    for (const [name, value] of Object.entries(exported))
      if (/(Shape|Query)$/.test(name) && name !== 'jsonShape') shapes.push([name, value])
  }
  expect(shapes.length).toBeGreaterThan(40)
  expect(shapes.flatMap(([name, shape]) => [...changeable(shape, name)])).toEqual([])
})
