import { readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { environmentEntries } from '../../ansible/hostFiles.ts'
import { versionInUrl } from '../../domain/version.ts'
import type { StageContext, Unmet } from '../../engine/stage.ts'
import { runPython } from '../../hosts/python.ts'
import type { ClusterArguments } from './arguments.ts'
import type { ReachedHost } from './look.ts'
import type { ClusterSession } from './session.ts'

/** Where RKE2's own releases lie, unless the cluster names a mirror. */
export const publicReleases = 'https://github.com/rancher/rke2/releases/download'

const replies = z.object({
  replies: z.array(z.object({ url: z.string(), status: z.int().nullable(), error: z.string().nullable() })),
})

/** Files of a release that an installation needs, for one architecture as uname names it. */
export function releaseFiles(arch: string): string[] {
  const short = arch === 'aarch64' || arch === 'arm64' ? 'arm64' : 'amd64'
  return [`rke2.linux-${short}.tar.gz`, `sha256sum-${short}.txt`]
}

/** Whether the source has this version (C11), asked where it will be fetched from: a host, or this machine's folder. */
export async function checkRelease(
  session: ClusterSession,
  cluster: ClusterArguments,
  asker: ReachedHost,
  context: StageContext,
): Promise<Unmet[]> {
  const files = releaseFiles(asker.facts.arch)
  if (cluster.artifact_path !== undefined) return missingFiles(cluster, cluster.artifact_path, files)
  const base = `${(cluster.artifact_url ?? publicReleases).replace(/\/+$/, '')}/${versionInUrl(cluster.version)}`
  return context.observations.read(`release/${base}`, async () => {
    const environment = Object.fromEntries(
      environmentEntries(cluster.proxy).map(({ key, value }) => [key.toLowerCase(), value]),
    )
    const request = {
      program: program(),
      arguments: { urls: files.map(file => `${base}/${file}`), environment, timeout: 10 },
      sudo: false,
      signal: context.signal,
    }
    const found = await runPython(await session.hosts(), asker.node.hostname, request, replies)
    return found.replies.flatMap(({ url, status, error }): Unmet[] => {
      if (status !== null && status < 400) return []
      const gone = status === 404 || status === 410
      return [
        {
          name: gone ? 'release-missing' : 'release-unreachable',
          severity: 'error',
          about: `version ${cluster.version}`,
          message: gone
            ? `there is no ${url}`
            : `${asker.node.hostname} gets ${error ?? `status ${status}`} from ${url}`,
          remedy: gone
            ? 'Check version and artifact_url.'
            : 'Check artifact_url, the proxy and the network, or install from a folder (artifact_path).',
        },
      ]
    })
  })
}

async function missingFiles(cluster: ClusterArguments, folder: string, files: readonly string[]): Promise<Unmet[]> {
  const found = await Promise.all(
    files.map(file =>
      access(join(folder, file)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return files
    .filter((_, index) => !found[index])
    .map(file => ({
      name: 'release-missing',
      severity: 'error',
      about: `version ${cluster.version}`,
      message: `there is no ${join(folder, file)} on the machine that runs Slipway`,
      remedy: 'Put the release’s files into artifact_path.',
    }))
}

const program = (): string => readFileSync(new URL('remote/release.py', import.meta.url), 'utf8')
