import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { generatedPages } from '../../scripts/docs/pages.ts'

it.each(await generatedPages())('docs/$path is what the code says (make docs writes it)', async ({ path, text }) => {
  expect(await readFile(resolve(import.meta.dirname, '../../docs', path), 'utf8')).toBe(text)
})
