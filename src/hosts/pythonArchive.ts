import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { once } from './once.ts'

/** The package for hosts; beside `src` in a checkout, beside `dist` in the published one. */
export const pythonFolder = fileURLToPath(new URL('../../python', import.meta.url))

const read = (path: string): string => readFileSync(join(pythonFolder, path), 'utf8')

/** What a host's Python has on its command line; the module's name follows. */
export const bootstrap = once(() => {
  const statements = read('bootstrap.py')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  // -I -S: nothing of the user's settings, no site packages, and a faster start.
  return `python3 -I -S -c '${statements.join('; ')}'`
})

/** What comes first on its standard input: the importer, then all files of the package (python/importer.py). */
export const archive = once(() => {
  const paths = readdirSync(join(pythonFolder, 'slipway'), { recursive: true, encoding: 'utf8' })
  const names = paths.filter(path => /\.(py|sh)$/.test(path)).map(path => `slipway/${path}`)
  const files = Object.fromEntries(names.toSorted().map(name => [name, read(name)]))
  return Buffer.concat([sized(Buffer.from(read('importer.py'))), sized(deflateSync(JSON.stringify(files)))])
})

const sized = (content: Uint8Array): Buffer => Buffer.concat([Buffer.from(`${content.length}\n`), content])
