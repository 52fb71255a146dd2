import type { PlannedMachine, ProviderCalls, SettingsFault } from '../contract.ts'
import { listDomains, listVolumes } from './domains.ts'
import { isFetched, type LibvirtSettings } from './settings.ts'
import { linesOf, virsh } from './virsh.ts'

/** What is named and is not there, or is somebody else's. */
export async function preflightLibvirt(
  { name, uid, image = '', settings }: PlannedMachine<LibvirtSettings>,
  calls: ProviderCalls,
): Promise<readonly SettingsFault[]> {
  const { uri, pool, bridge, network = 'default' } = settings
  const [pools, networks, volumes, domains] = await Promise.all([
    virsh(uri, ['pool-list --name'], calls),
    virsh(uri, ['net-list --name'], calls),
    listVolumes(uri, pool, calls),
    listDomains(uri, calls),
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
