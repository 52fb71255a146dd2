import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { explain, log } from './log.ts'
import { manifestOf, packagedComponents } from './packaged.ts'
import type { Paths } from './paths.ts'
import { runTool } from './programs.ts'
import type { Settings } from './settings.ts'

const pause = 3000

/**
 * Applies every file in `server/manifests` and its folders when it appears or changes, RKE2's own components among them; a
 * file `NAME.skip` holds `NAME` back. What can't be applied is tried again and told once.
 */
export async function deployManifests(paths: Paths, settings: Settings, stopped: AbortSignal): Promise<void> {
  const kubeconfig = `--kubeconfig=${settings.kubeconfig.file}`
  await mkdir(paths.manifests, { recursive: true, mode: 0o700 })
  const { wanted, disabled } = packagedComponents(settings)
  for (const component of wanted) {
    const manifest = manifestOf(component, settings)
      .map(object => stringify(object))
      .join('---\n')
    await writeFile(join(paths.manifests, `${component.name}.yaml`), manifest, { mode: 0o600 })
  }
  for (const name of disabled) {
    const file = join(paths.manifests, `${name}.yaml`)
    if (!existsSync(file)) continue
    await runTool('kubectl', [kubeconfig, 'delete', '--ignore-not-found', '-f', file]).catch(error =>
      log.warn(explain(error)),
    )
    await rm(file)
  }
  const applied = new Map<string, string>()
  const told = new Map<string, string>()
  const apply = async (changed: ReadonlyMap<string, string>) => {
    const files = [...changed.keys()].map(name => join(paths.manifests, name))
    await runTool('kubectl', [kubeconfig, 'apply', ...files.flatMap(file => ['-f', file])])
    for (const [name, content] of changed) applied.set(name, content)
    for (const file of files) log.info(`Applied manifest at "${file}"`)
  }
  while (!stopped.aborted) {
    const changed = await changedManifests(paths.manifests, applied)
    // One call for all costs a fraction of the processor time; where it fails, each file is told of by itself.
    const done =
      changed.size > 1 &&
      (await apply(changed)
        .then(() => true)
        .catch(() => false))
    if (!done) {
      for (const [name, content] of changed) {
        try {
          await apply(new Map([[name, content]]))
        } catch (error) {
          const reason = explain(error)
          const file = join(paths.manifests, name)
          if (told.get(name) !== reason) log.error(`Failed to process config: failed to process ${file}: ${reason}`)
          told.set(name, reason)
        }
      }
    }
    await delay(pause, undefined, { signal: stopped }).catch(() => undefined)
  }
}

/** The manifests that are not applied as they are now, by name, with their content. */
async function changedManifests(folder: string, applied: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true })).toSorted()
  const skipped = new Set(names.map(name => basename(name)).filter(name => name.endsWith('.skip')))
  const wanted = names.filter(name => {
    const own = basename(name)
    return /\.(ya?ml|json)$/.test(own) && !own.startsWith('.') && !skipped.has(`${own}.skip`)
  })
  const changed = new Map<string, string>()
  for (const name of wanted) {
    const content = await readFile(join(folder, name), 'utf8')
    if (applied.get(name) !== content) changed.set(name, content)
  }
  return changed
}
