import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { pluginSource } from './configuration.ts'
import { moduleFiles } from './moduleFiles.ts'
import type { TerraformRoot } from './root.ts'
import type { TerraformTool } from './tool.ts'

/**
 * Blocks by which `init` does more than to bring plugins: what it does for them lies in the folder itself, and may depend on
 * variables.
 */
const more = /\b(module|backend|cloud|encryption)\s*["{]/
const stateProviders = z.object({ resources: z.array(z.object({ provider: z.string().default('') })).default([]) })

/**
 * All that `init` goes by in a folder that is laid out, as a hash: where it is the same, it brings the same. Null: it has to
 * be done in that very folder.
 * @param configuration path of the command's configuration file.
 */
export async function initConditions(
  folder: string,
  { settings, state }: Pick<TerraformRoot, 'settings' | 'state'>,
  { path, version }: TerraformTool,
  configuration: string | null,
): Promise<string | null> {
  const files = await moduleFiles(folder)
  // What is written as JSON is not looked through.
  if (files.some(({ text, isJson }) => isJson || more.test(text))) return null
  const { mirror } = pluginSource()
  const conditions = {
    tool: [path, version],
    module: files.map(({ name, text }) => [name, text]),
    // Also of what is managed and stands in no file any more.
    providers: state === null ? [] : providersOf(state),
    settings,
    configuration: configuration && (await readFile(configuration, 'utf8').catch(() => null)),
    mirror: mirror && (await readdir(mirror, { recursive: true }).catch(() => [])).toSorted(),
  }
  return createHash('sha256').update(JSON.stringify(conditions)).digest('hex')
}

const providersOf = (state: string): readonly string[] =>
  [...new Set(stateProviders.parse(JSON.parse(state)).resources.map(({ provider }) => provider))].toSorted()
