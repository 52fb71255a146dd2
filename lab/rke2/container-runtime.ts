import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { keepRunning, type Running } from './child.ts'
import { startImageRegistry } from './image-registry.ts'
import { log } from './log.ts'
import { packagedImages } from './packaged.ts'
import type { Paths } from './paths.ts'
import { persist } from './persist.ts'
import {
  asleepFolder,
  containerdRoot,
  containerdSocket,
  imagesFolder,
  nodeProgram,
  pluginsFolder,
  podsEnvironment,
  podsFolder,
} from './real-pods.ts'
import type { Settings } from './settings.ts'
import { staticPodImages } from './static-pods.ts'

const pause = 'docker.io/rancher/mirrored-pause:3.6'

/** Starts containerd and gives it the images of the lab; returns when it has them. */
export async function startContainerd(paths: Paths, settings: Settings, stopped: AbortSignal): Promise<Running> {
  const folder = join(paths.agent, 'etc', 'containerd')
  const registries = join(folder, 'certs.d')
  await mkdir(join(registries, '_default'), { recursive: true })
  const { url, server } = await startImageRegistry(asleepFolder)
  stopped.addEventListener('abort', () => server.close())
  await writeFile(join(registries, '_default', 'hosts.toml'), `[host."${url}"]\ncapabilities = ["pull", "resolve"]\n`)
  const configuration = join(folder, 'config.toml')
  await writeFile(configuration, containerdConfiguration(registries))
  const output = join(paths.agent, 'containerd', 'containerd.log')
  const running = await keepRunning(
    nodeProgram(join(podsFolder, 'usr/bin/containerd'), ['--config', configuration], output),
  )
  await persist('Waiting for containerd startup', 50, () => ctr('version'))
  await importImages(settings)
  return running
}

/**
 * Control groups have no controllers that a lab could rely on (those of this machine may be of version 1), and a host of the
 * lab may not change what the kernel thinks of its memory.
 */
const containerdConfiguration = (registries: string) => `version = 2
root = "${containerdRoot}"
state = "${dirname(containerdSocket)}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${pause}"
disable_apparmor = true
disable_cgroup = true
restrict_oom_score_adj = true
enable_unprivileged_ports = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${pluginsFolder}"
conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "${registries}"
`

/** The archives of the lab; and for what RKE2 deploys by itself images in which nothing is done, so that its pods are there. */
async function importImages(settings: Settings): Promise<void> {
  const there = new Set((await ctr('images', 'list', '--quiet')).split('\n'))
  for (const file of globSync('**/*.tar', { cwd: imagesFolder })) {
    if (there.has(file.replace(/\.tar$/, ''))) continue
    await ctr('images', 'import', join(imagesFolder, file))
    log.info(`Imported images from ${join(imagesFolder, file)}`)
  }
  const asleep = [...packagedImages, ...staticPodImages(settings)].map(name => `docker.io/${name}`)
  const missing = asleep.filter(name => !there.has(name))
  if (missing.length > 0) await ctr('images', 'tag', pause, ...missing)
}

/** containerd's own tool, in the name space of the kubelet; throws with its complaint. */
async function ctr(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'ctr',
    [`--address=${containerdSocket}`, '--namespace=k8s.io', ...args],
    { env: { ...process.env, ...podsEnvironment } },
  )
  return stdout
}
