import { isIPv4 } from 'node:net'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { CommonSpec, SettingsFault } from '../contract.ts'
import { typedBoolean } from '../settings.ts'

/** As pools, networks, volumes and bridges are called: it needs no quotes in a line of virsh. */
const plainName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}$/, 'a name has letters, digits and the signs . _ + - only')

export const libvirtSettings = z.strictObject({
  uri: z
    .string()
    .max(1024)
    .regex(/^[a-z][a-z0-9+.-]*:\/\/\S*$/, 'not a connection of libvirt: qemu:///system, qemu+ssh://USER@HOST/system')
    .default('qemu:///system')
    .describe('Connection to libvirt, as virsh -c takes it'),
  pool: plainName.default('default').describe('Storage pool of its disk, and of the image'),
  network: plainName.optional().describe('Network of libvirt that it is in; default: default'),
  bridge: plainName.optional().describe('Bridge of the host, in place of a network'),
  address: z
    .string()
    .refine(isIPv4, 'not an IPv4 address')
    .optional()
    .describe('The address that the DHCP of the network gives it; default: any'),
  virtualization: z
    .enum(['kvm', 'qemu'])
    .optional()
    .describe('kvm (default); qemu where the processor can’t, far slower'),
  autostart: typedBoolean.optional().describe('It starts with its host; default: true'),
  agent: typedBoolean.optional().describe('Its image has the QEMU guest agent, which is asked for its addresses'),
})
export type LibvirtSettings = z.output<typeof libvirtSettings>

/** An image that is fetched for one machine, and no volume of the pool. */
export const isFetched = (image: string): boolean => image.includes('/')

const fault = (path: string, message: string, remedy: string): SettingsFault => ({
  name: 'machine-invalid',
  path,
  message,
  remedy,
})

export function checkLibvirt(
  { network, bridge, address }: LibvirtSettings,
  { image }: CommonSpec,
): readonly SettingsFault[] {
  const found: SettingsFault[] = []
  if (network !== undefined && bridge !== undefined)
    found.push(fault('libvirt.bridge', 'a machine has a network or a bridge, not both', 'Leave one of the two out.'))
  if (address !== undefined && bridge !== undefined)
    found.push(
      fault('libvirt.address', 'the DHCP behind a bridge is not libvirt’s', 'Leave address out, or give it there.'),
    )
  if (image !== undefined && !isImage(image))
    found.push(
      fault(
        'image',
        `${image} is no image of libvirt`,
        'Name a volume of the pool (debian-12.qcow2), an absolute path, or an http(s) address.',
      ),
    )
  return found
}

const isImage = (image: string): boolean => {
  if (!isFetched(image)) return plainName.safeParse(image).success
  return /^https?:\/\/[^\s"'$%{}]+$/.test(image) || (isAbsolute(image) && !/[\0\n]|\$\{|%\{/.test(image))
}
