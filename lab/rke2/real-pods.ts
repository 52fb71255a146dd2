import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Program } from './child.ts'
import { keyOf } from './outliving.ts'
import type { Paths } from './paths.ts'

// On hosts of `lab/lab up --pods` a kubelet, containerd and kube-proxy run in place of kwok (lab/pods/build). What is
// there decides; nothing else tells the two kinds of hosts apart.

export const podsFolder = process.env.RKE2_LAB_PODS ?? '/opt/lab/pods'
/** On the host's own disk: containers are overlays, and those can't lie on the overlay that is the host's root. */
export const containerdRoot = '/opt/lab/containerd'
export const containerdSocket = '/run/k3s/containerd/containerd.sock'
export const imagesFolder = join(podsFolder, 'images')
export const asleepFolder = join(podsFolder, 'asleep')
export const pluginsFolder = join(podsFolder, 'usr/lib/cni')
export const staticPodsFolder = (paths: Paths): string => join(paths.agent, 'pod-manifests')
/** A kubelet of another version than any release: `kubelet.ts` puts the release's in its place. */
export const builtKubelet = join(podsFolder, 'bin/kubelet')
export const podsAreReal = existsSync(builtKubelet)

const libraries = globSync(join(podsFolder, 'usr/lib/*-linux-gnu'))[0]
/** What Debian's programs need to be found, and to find theirs, where they are not installed. */
export const podsEnvironment: Readonly<Record<string, string>> = {
  PATH: `${join(podsFolder, 'usr/sbin')}:${join(podsFolder, 'usr/bin')}:${process.env.PATH ?? '/usr/sbin:/usr/bin'}`,
  ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries, XTABLES_LIBDIR: join(libraries, 'xtables') }),
}

/** A program of the host's node. `outlives` is what more than its arguments decides how it runs, where it is a container in RKE2. */
export function nodeProgram(command: string, args: readonly string[], logFile: string, outlives?: string): Program {
  return {
    name: basename(command),
    command,
    args,
    logFile,
    environment: podsEnvironment,
    ...(outlives === undefined ? {} : { container: keyOf(outlives, command, ...args) }),
  }
}
