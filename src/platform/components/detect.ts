import { helmOwner, isSameRelease, type ReleasePlace } from '../../helm/owner.ts'
import { readRelease } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type Labels, labelSelector } from '../../kubernetes/labels.ts'
import type { Query } from '../../kubernetes/objects.ts'
import { type Workload, workloadMissing, workloads } from '../../kubernetes/workloads.ts'
import type { Detected, FoundInstallation, Marks } from '../contract.ts'
import { isOwn } from '../ownLabels.ts'
import { nameOfImage, versionIn, versionOfImage } from './version.ts'

/** The release that an installation of ours is, and by which labels it is known. */
export interface OwnRelease extends ReleasePlace {
  readonly labels: Labels
}

/**
 * Looks for a component in all namespaces: by the labels of its Deployment, by its name where nothing has them.
 * Ours is what our release has made, also where Helm has no record of it any more: whoever was to go on with a first step
 * that was broken off, and has forgotten it, may have been killed before the next one. Of several others one is told that
 * can be used.
 * @param served namespaces that it has to look after.
 */
export async function detect(
  client: Pick<ClusterClient, 'snapshot'>,
  marks: Marks,
  own: OwnRelease,
  served: readonly string[],
  call: Call,
): Promise<Detected> {
  const found = await deploymentsOf(client, marks, call)
  const installations = await Promise.all(
    found.map(async (object): Promise<{ readonly ours: boolean; readonly found: FoundInstallation }> => {
      const by = helmOwner(object)
      const release = by && (await readRelease(client, by, call))
      const lack = workloadMissing('Deployment', object) ?? idle(object)
      return {
        ours: isSameRelease(by, own) && (release === null || isOwn(release.newest, own.labels)),
        found: {
          where: `Deployment ${object.metadata.namespace}/${object.metadata.name}`,
          owner: by ? `Helm release ${by.namespace}/${by.name}` : managerOf(object),
          version: versionOf(object, marks.image) ?? versionIn(release?.newest.chart.appVersion ?? ''),
          lack,
          scope: marks.scope?.(object) ?? null,
        },
      }
    }),
  )
  const ours = installations.find(one => one.ours)
  if (ours) return { state: 'ours', found: ours.found }
  const others = installations.map(one => one.found).toSorted((one, other) => useOf(other, served) - useOf(one, served))
  return others[0] ? { state: 'anothers', found: others[0] } : { state: 'absent' }
}

/** One that is as its spec says, and still does nothing: nobody looks after what it is needed for. */
function idle({ spec, status }: Workload): string | null {
  if ((status?.availableReplicas ?? 0) > 0) return null
  return spec.replicas === 0 ? 'it is scaled to 0 pods' : 'none of its pods is available'
}

/** How much speaks for one of several. */
const useOf = (found: FoundInstallation, served: readonly string[]): number =>
  (unserved(found, served).length === 0 ? 2 : 0) + (found.lack === null ? 1 : 0)

/** Those of these namespaces that it does not look after. Pure. */
export const unserved = ({ scope }: FoundInstallation, namespaces: readonly string[]): string[] =>
  scope === null ? [] : namespaces.filter(namespace => !scope.includes(namespace))

async function deploymentsOf(
  client: Pick<ClusterClient, 'snapshot'>,
  { labels, weakLabels, names, image }: Marks,
  call: Call,
): Promise<readonly Workload[]> {
  const by = async (query: Query) => (await client.snapshot(workloads.Deployment, query, call)).items
  const strong = await by({ labelSelector: labelSelector(labels) })
  if (strong.length > 0) return strong
  const weak = weakLabels ? await by({ labelSelector: labelSelector(weakLabels) }) : []
  const own = weak.filter(object => imagesOf(object).some(one => nameOfImage(one) === image))
  if (own.length > 0) return own
  const named = await Promise.all(names.map(name => by({ fieldSelector: `metadata.name=${name}` })))
  return named.flat()
}

const imagesOf = ({ spec }: Workload): readonly string[] =>
  (spec.template?.spec?.containers ?? []).flatMap(one => (one.image === undefined ? [] : [one.image]))

function managerOf({ metadata: { labels, ownerReferences } }: Workload): string | null {
  const owner = ownerReferences?.find(({ controller }) => controller)
  return owner ? `${owner.kind} ${owner.name}` : (labels?.['app.kubernetes.io/managed-by'] ?? null)
}

/** Of its image; beside it there may be others, of proxies. */
function versionOf(object: Workload, name: string): string | null {
  const images = imagesOf(object)
  const image = images.find(one => nameOfImage(one) === name) ?? images[0]
  const tagged = image === undefined ? null : versionOfImage(image)
  return tagged ?? versionIn(object.metadata.labels?.['app.kubernetes.io/version'] ?? '')
}
