import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
const [, section = ''] = /## Three walks\n([\s\S]*?)\n## /.exec(page) ?? []
const walks = section
  .split(/\n\n(?=\w.*:\n)/)
  .map(walk => [...walk.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file]) => file ?? ''))

it('the walks through the house have eight hops at most, each at a file that is there', () => {
  expect(walks).toHaveLength(3)
  for (const hops of walks) {
    expect(hops.length).toBeGreaterThan(4)
    expect(hops.length).toBeLessThanOrEqual(8)
    expect(hops.filter(file => !existsSync(join(root, file)))).toEqual([])
  }
})
