import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from './log.ts'
import type { Paths } from './paths.ts'
import type { Refused, Refuser } from './refusal.ts'
import type { Settings } from './setting-values.ts'

const restartPause = 5000

const find = (settings: Settings, by: Refuser, ends: boolean) =>
  settings.troubles.find(refused => refused.by === by && refused.ends === ends)

/** Never returns where a kubelet ends for one of the settings: without it a node runs nothing. */
export async function untilKubeletStarts(paths: Paths, settings: Settings): Promise<void> {
  const refused = find(settings, 'kubelet', true)
  if (refused !== undefined) await endForEver(paths, refused, 'Kubelet exited: exit status 1')
}

/** Never returns where kube-apiserver ends for one of the settings. */
export async function untilApiserverStarts(paths: Paths, settings: Settings): Promise<void> {
  const refused = find(settings, 'kube-apiserver', true)
  if (refused !== undefined) await endForEver(paths, refused, 'Waiting for API server to become available')
}

/** Why this host's network never comes up, and with it the Node. Undefined where nothing is wrong. */
export async function networkTrouble(paths: Paths, settings: Settings): Promise<Refused | undefined> {
  const refused = find(settings, 'kubelet', false) ?? find(settings, 'kube-controller-manager', true)
  if (refused !== undefined) await tell(paths, refused)
  return refused
}

/** The reason is in the program's own log; RKE2's has one line that does not name it, again and again. */
async function endForEver(paths: Paths, refused: Refused, line: string): Promise<never> {
  for (;;) {
    await tell(paths, refused)
    log.error(line)
    await delay(restartPause)
  }
}

async function tell(paths: Paths, refused: Refused): Promise<void> {
  await mkdir(paths.logs, { recursive: true })
  await appendFile(join(paths.logs, `${refused.by}.log`), `E ${new Date().toISOString()} ${refused.message}\n`)
}
