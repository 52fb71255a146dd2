import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { explain, log } from './log.ts'
import { manifestOf, packagedComponents } from './packaged.ts'
import type { Paths } from './paths.ts'
import { runTool } from './programs.ts'
import type { Settings } from './settings.ts'

const pause = 3000

/**
 * Applies every file in `server/manifests` when it appears or changes, RKE2's own components among them; a file
 * `NAME.skip` holds `NAME` back. What can't be applied is tried again and told once.
 */
export async function deployManifests(paths: Paths, settings: Settings, stopped: AbortSignal): Promise<void> {
  const kubeconfig = `--kubeconfig=${settings.kubeconfig.file}`
  await mkdir(paths.manifests, { recursive: true, mode: 0o700 })
  const { wanted, disabled } = packagedComponents(settings)
  for (const component of wanted) {
    await writeFile(join(paths.manifests, `${component.name}.yaml`), stringify(manifestOf(component)), { mode: 0o600 })
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
  while (!stopped.aborted) {
    const names = await readdir(paths.manifests)
    for (const name of names.filter(
      candidate => /\.(ya?ml|json)$/.test(candidate) && !names.includes(`${candidate}.skip`),
    )) {
      const file = join(paths.manifests, name)
      const content = await readFile(file, 'utf8')
      if (applied.get(name) === content) continue
      try {
        await runTool('kubectl', [kubeconfig, 'apply', '-f', file])
        applied.set(name, content)
        log.info(`Applied manifest at "${file}"`)
      } catch (error) {
        const reason = explain(error)
        if (told.get(name) !== reason) log.error(`Failed to process config: failed to process ${file}: ${reason}`)
        told.set(name, reason)
      }
    }
    await delay(pause, undefined, { signal: stopped }).catch(() => undefined)
  }
}
