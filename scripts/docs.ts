import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { generatedPages } from './docs/pages.ts'

/** Writes the pages that are generated from schema, catalogue and command line; a test keeps them equal. */
const docs = resolve(import.meta.dirname, '../docs')
for (const page of await generatedPages()) {
  const path = resolve(docs, page.path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, page.text)
}
