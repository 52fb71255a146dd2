import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { environmentEntries } from './files/hostFiles.ts'
import { toSlipwayError } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import { versionInUrl } from './spec/version.ts'
import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import { runPython } from '../../hosts/python.ts'
import type { ClusterArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { Rke2Session } from './session.ts'

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
  session: Rke2Session,
  cluster: ClusterArguments,
  asker: ReachedHost,
  context: StageContext,
): Promise<Unmet[]> {
  const files = releaseFiles(asker.facts.arch)
  if (cluster.artifact_path !== undefined) return missingFiles(cluster, cluster.artifact_path, files)
  const base = `${(cluster.artifact_url ?? publicReleases).replace(/\/+$/, '')}/${versionInUrl(cluster.version)}`
  const ask = async (): Promise<Unmet[]> => {
    const environment = Object.fromEntries(environmentEntries(cluster.proxy).map(({ key, value }) => [key, value]))
    const request = {
      module: 'slipway.rke2.release_source',
      arguments: { urls: files.map(file => `${base}/${file}`), environment, timeout: 10 },
      sudo: false,
      signal: context.signal,
    }
    const found = await runPython(await session.hosts(), asker.node.hostname, request, replies)
    const gone = found.replies.filter(({ status }) => status !== null && goneStatuses.includes(status))
    const unreached = found.replies.filter(
      ({ status }) => status === null || (status >= 400 && !goneStatuses.includes(status)),
    )
    return [
      ...findingOf(cluster, gone, {
        name: 'release-missing',
        say: urls => `there is no ${urls}`,
        remedy: 'Check version and artifact_url.',
      }),
      ...findingOf(cluster, unreached, {
        name: 'release-unreachable',
        say: (urls, [first]) => `${asker.node.hostname} gets ${first?.error ?? `status ${first?.status}`} from ${urls}`,
        remedy: 'Check artifact_url, the proxy and the network, or install from a folder (artifact_path).',
      }),
    ]
  }
  try {
    return await context.observations.read(`release/${base}/${files.join()}`, ask)
  } catch (thrown) {
    // Stages share the reading: that the host of another one was lost with it says nothing of this one.
    if (toSlipwayError(thrown).facts['host'] === asker.node.hostname) throw thrown
    context.signal.throwIfAborted()
    return ask()
  }
}

const goneStatuses = [404, 410]

type Reply = z.infer<typeof replies>['replies'][number]

/** One finding for all files that share a fate: what is wrong is the source, not each of its files. */
function findingOf(
  { version }: ClusterArguments,
  group: readonly Reply[],
  fate: {
    readonly name: FindingName
    readonly say: (urls: string, group: readonly Reply[]) => string
    readonly remedy: string
  },
): Unmet[] {
  if (group.length === 0) return []
  const message = fate.say(group.map(({ url }) => url).join(' and '), group)
  return [{ name: fate.name, severity: 'error', about: `version ${version}`, message, remedy: fate.remedy }]
}

/** Where RKE2 finds the images it is brought, below its data folder. */
export const imageFolder = (dataDir: string): string => join(dataDir, 'agent/images')

/** As the play takes it: one folder may hold several versions, each in a folder of its own name. */
export async function releaseFolder(path: string, version: string): Promise<string> {
  const own = join(path, version)
  return (await stat(own).catch(() => null))?.isDirectory() ? own : path
}

async function missingFiles(cluster: ClusterArguments, path: string, files: readonly string[]): Promise<Unmet[]> {
  const folder = await releaseFolder(path, cluster.version)
  const found = await Promise.all(
    files.map(file =>
      access(join(folder, file)).then(
        () => true,
        () => false,
      ),
    ),
  )
  const missing = files.filter((_, index) => !found[index]).map(file => join(folder, file))
  if (missing.length === 0) return []
  return [
    {
      name: 'release-missing',
      severity: 'error',
      about: `version ${cluster.version}`,
      message: `there is no ${missing.join(' and ')} on the machine that runs Slipway`,
      remedy: 'Put the release’s files into artifact_path.',
    },
  ]
}
