import type { AcceptableWarning } from '../../domain/findingCatalogue.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { HostFacts } from './host/facts.ts'
import type { ClusterArguments } from './arguments.ts'

type ConfigFile = HostFacts['config'][number]
type Fault = Pick<Unmet, 'name' | 'severity' | 'message' | 'remedy'>

const folder = '/etc/rancher/rke2'
const ownFiles: ReadonlySet<string> = new Set([`${folder}/config.yaml`, `${folder}/registries.yaml`])

const troubles: Readonly<Record<NonNullable<ConfigFile['fault']>, string>> = {
  folder: 'is a folder, and RKE2 reads a file there',
  special: 'is no file but a pipe, a socket or a device',
  dangling: 'is a link that leads to no file',
  unreadable: 'cannot be read, not even by root',
  huge: 'is larger than 1 MiB',
  'no-folder': 'is no folder, and RKE2 reads the files of a folder there',
}

/**
 * What lies where RKE2 reads its files and is no file that it could read, or that Slipway could write: RKE2 would end at
 * its start. A link is read through; where Slipway writes, a file would take its place.
 */
export function unusableFiles(
  unit: string,
  { config }: Pick<HostFacts, 'config'>,
  { proxy, registries }: Pick<ClusterArguments, 'proxy' | 'registries'>,
): Fault[] {
  const written = (path: string) =>
    path === `${folder}/config.yaml` ||
    (path === `${folder}/registries.yaml` && registries !== undefined) ||
    (path === `/etc/default/${unit}` && proxy !== undefined)
  const counts = (path: string) => path.startsWith(`${folder}/`) || written(path)
  return config
    .filter(({ path }) => counts(path))
    .flatMap((file): Fault[] => {
      const { path, fault, link } = file
      // A link to nowhere counts as no file, and whatever a file of ours says is written anew.
      const harmless = fault === null || (ownFiles.has(path) && (fault === 'dangling' || fault === 'huge'))
      if (!harmless)
        return [
          {
            name: 'config-unusable',
            severity: 'error',
            message: `${path} ${troubles[fault]}`,
            remedy: `On the host: put a file there, or move it away: \`mv ${path} ${path}.moved\`.`,
          },
        ]
      return link !== null && written(path) ? [replacedLink(path, link)] : []
    })
}

const replacedLink = (path: string, link: string): Fault => ({
  name: 'foreign-settings' satisfies AcceptableWarning,
  severity: 'warning',
  message: `${path} is a link to ${link}: somebody else keeps it there, and Slipway would put a file of its own in its place`,
  remedy: `Remove the link (\`rm ${path}\`), or accept that it is replaced with --accept foreign-settings.`,
})

/** What is wrong with a file that will be written anew; empty when nothing is. */
export function stateOf({ fault, keys }: Pick<ConfigFile, 'fault' | 'keys'>): string {
  if (fault !== null) return troubles[fault]
  return keys.includes(unknownKeys) ? 'is not YAML that RKE2 could read' : ''
}

/** How the probe names a file of which it cannot tell the keys. */
export const unknownKeys = '?'
