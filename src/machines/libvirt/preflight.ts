import type { PlannedMachine, ProviderCalls, SettingsFault } from '../contract.ts'
import { listDomains, listVolumes } from './domains.ts'
import { imageSize } from './imageSize.ts'
import { isFetched, type LibvirtSettings } from './settings.ts'
import { linesOf, virsh } from './virsh.ts'

const gibibyte = 1024 ** 3

/** What is named and is not there, or is somebody else's. */
export async function preflightLibvirt(
  { name, uid, image = '', disk, settings }: PlannedMachine<LibvirtSettings>,
  calls: ProviderCalls,
): Promise<readonly SettingsFault[]> {
  const { uri, pool, bridge, network = 'default' } = settings
  const [pools, networks, volumes, domains, size] = await Promise.all([
    virsh(uri, ['pool-list --name'], calls),
    virsh(uri, ['net-list --name'], calls),
    listVolumes(uri, pool, calls),
    listDomains(uri, calls),
    imageSize(image, settings, calls),
  ])
  const found: SettingsFault[] = []
  const add = (path: string, message: string, remedy: string) =>
    void found.push({ name: 'machine-invalid', path, message, remedy })
  if (!linesOf(pools.stdout).includes(pool))
    add(
      'libvirt.pool',
      `libvirt has no pool ${pool} that is on`,
      `Name another one: virsh -c ${uri} pool-list --all. Or start it: virsh -c ${uri} pool-start ${pool}.`,
    )
  else if (!isFetched(image) && !volumes.some(volume => volume.name === image))
    add(
      'image',
      `the pool ${pool} has no volume ${image}`,
      `Bring it there: virsh -c ${uri} vol-upload (docs/machines.md); or give a path or an address.`,
    )
  if (isFetched(image) && !/^https?:/.test(image) && size === null)
    add(
      'image',
      `${image} is not there, or can’t be read by Slipway`,
      'See its path, on the machine that runs Slipway.',
    )
  if (disk !== undefined && size !== null && disk * gibibyte < size)
    add(
      'disk',
      `the image ${image} is a disk of ${Math.ceil((size / gibibyte) * 10) / 10} GiB, and ${disk} GiB are less`,
      'Give it a larger disk, or leave disk out: then it is as large as its image.',
    )
  if (bridge === undefined && !linesOf(networks.stdout).includes(network))
    add(
      'libvirt.network',
      `libvirt has no network ${network} that is on`,
      `Name another one: virsh -c ${uri} net-list --all. Or start it: virsh -c ${uri} net-start ${network}.`,
    )
  const there = domains.find(domain => domain.name === name)
  if (there && there.uid !== uid)
    add(
      '',
      `libvirt has a domain ${name} already (${there.uuid}), which is not this machine`,
      'Choose another name. What is there is not touched.',
    )
  return found
}
