import { readFileSync, writeFileSync } from 'node:fs'

/**
 * All hosts share this machine's kernel, and root's limits in it. A host takes some 20 inotify instances with a control
 * plane on it, and a distribution's default is 128 for all of them.
 */
const wanted = { '/proc/sys/fs/inotify/max_user_instances': 8192, '/proc/sys/fs/inotify/max_user_watches': 524288 }

/** Raises what is too low for several hosts; never lowers anything. */
export function raiseLimits(): void {
  for (const [file, value] of Object.entries(wanted)) {
    if (Number(readFileSync(file, 'utf8')) < value) writeFileSync(file, String(value))
  }
}
