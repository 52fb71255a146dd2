import { readFile } from 'node:fs/promises'

/** Of the package this file is in; the same depth in src and in dist. */
export async function slipwayVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
