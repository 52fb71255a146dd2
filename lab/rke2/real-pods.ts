import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './child.ts'
import { keyOf } from './outliving.ts'
import type { Paths } from './paths.ts'

// On hosts of `lab/lab up --pods` a kubelet, containerd and kube-proxy run in place of kwok (lab/pods/build). What is
// there decides; nothing else tells the two kinds of hosts apart.

const folder = process.env.RKE2_LAB_PODS ?? '/opt/lab/pods'
/** On the host's own disk: containers are overlays, and those can't lie on the overlay that is the host's root. */
export const containerdRoot = '/opt/lab/containerd'
export const containerdSocket = '/run/k3s/containerd/containerd.sock'
export const imagesFolder = join(folder, 'images')
export const pluginsFolder = join(folder, 'usr/lib/cni')
export const staticPodsFolder = (paths: Paths): string => join(paths.agent, 'pod-manifests')
/** A kubelet of another version than any release: `kubelet.ts` puts the release's in its place. */
export const builtKubelet = join(folder, 'bin/kubelet')
export const podsAreReal = existsSync(builtKubelet)

const libraries = existsSync(join(folder, 'usr/lib'))
  ? ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(triplet => join(folder, 'usr/lib', triplet)).find(existsSync)
  : undefined
/** What Debian's programs need to be found, and to find theirs, where they are not installed. */
export const podsEnvironment: Readonly<Record<string, string>> = {
  PATH: `${join(folder, 'usr/sbin')}:${join(folder, 'usr/bin')}:${process.env.PATH ?? '/usr/sbin:/usr/bin'}`,
  ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries, XTABLES_LIBDIR: join(libraries, 'xtables') }),
}

/** A program of the host's node. `outlives` is what more than its arguments decides how it runs, where it is a container in RKE2. */
export function nodeProgram(command: string, args: readonly string[], logFile: string, outlives?: string): Program {
  return {
    name: command.split('/').at(-1) ?? command,
    command: command.startsWith('/') ? command : join(folder, command),
    args,
    logFile,
    environment: podsEnvironment,
    ...(outlives === undefined ? {} : { container: keyOf(outlives, command, ...args) }),
  }
}
