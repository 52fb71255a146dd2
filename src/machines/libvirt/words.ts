import type { Explained } from '../contract.ts'
import { explainBy, type Meanings } from '../words.ts'
import { unreached } from './virsh.ts'

/** Words of dmacvicar/libvirt and of libvirt itself, with what they mean for whoever makes a machine. */
const meanings: Meanings = [
  [
    /domain '([^']+)' already exists with uuid (\S+)/,
    ([, name, uuid]) => ({
      message: `libvirt has a domain ${name} already (${uuid}), which this machine does not know`,
      remedy:
        'Create the machine again: where the domain is what an earlier run has left, it is taken away first. Where it is somebody else’s, choose another name.',
    }),
  ],
  [
    /when 'size' is specified, it shouldn't\s+be smaller than the backing store/,
    () => ({
      message: 'its disk is smaller than the image that it begins as',
      remedy: 'Give it a larger disk, or leave --disk out: then it is as large as its image.',
    }),
  ],
  [
    /can't retrieve base volume with name '([^']+)'/,
    ([, name]) => ({
      message: `the pool has no volume ${name}`,
      remedy: 'Bring the image there with virsh vol-upload (docs/machines.md); or give a path or an address.',
    }),
  ],
  [
    /error while determining image type for (\S+): (.*?)(?:; |$)/,
    ([, image, reason]) => ({
      message: `the image ${image} can’t be read: ${reason}`,
      remedy: 'See its path or its address, from the machine that runs Slipway.',
    }),
  ],
  [
    /Cannot access storage file '([^']+-cloudinit\.iso)'/,
    () => ({
      message: 'its cloud-init disk was not there yet when it was to start',
      remedy: 'Create the machine again: what is left of it is taken away first.',
    }),
  ],
  [
    /Cannot access storage file '([^']+)'|Could not open '([^']+)': Permission denied/,
    ([, file, other]) => ({
      message: `libvirt may not read ${file ?? other}`,
      remedy: 'See the owner of the folder of its pool, and what AppArmor or SELinux allow libvirt to read.',
    }),
  ],
  [
    /can't find storage pool '([^']+)'/,
    ([, pool]) => ({
      message: `libvirt has no pool ${pool}`,
      remedy: 'Name another one: --set pool=NAME; virsh pool-list --all shows them.',
    }),
  ],
  [
    /can't retrieve network '([^']+)'|network '([^']+)' is not active/,
    ([, network, idle]) => ({
      message: `libvirt has no network ${network ?? idle} that is on`,
      remedy: 'Name another one: --set network=NAME; or start it: virsh net-start NAME.',
    }),
  ],
  [
    /invalid argument: could not get preferred machine for|KVM kernel module|Could not access KVM|does not support virt type 'kvm'|unsupported configuration: Emulator .* does not support virt type/,
    () => ({
      message: 'libvirt can’t use KVM on its host',
      remedy:
        'Turn virtualization on in the firmware of the host and load kvm_intel or kvm_amd; or do without: --set virtualization=qemu.',
    }),
  ],
  [
    /No space left on device|not enough free space in pool/i,
    () => ({
      message: 'the pool of libvirt is full',
      remedy:
        'Make room in it, or name another one: --set pool=NAME. What was made is on record, and can be destroyed.',
    }),
  ],
  [
    /failed to connect(?: to the hypervisor)?: (.*?)(?:; |$)/,
    ([, reason]) => ({ message: `libvirt is not reached: ${reason}`, remedy: unreached }),
  ],
]

export const explainLibvirt = (said: string): Explained | null => explainBy(meanings, said)
