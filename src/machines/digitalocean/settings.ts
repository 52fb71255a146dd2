import { z } from 'zod'
import { filePath } from '../../domain/names.ts'
import type { CommonSpec, SettingsFault, SettingsFile } from '../contract.ts'
import { secretFileKind } from '../secretFile.ts'
import { typedBoolean, typedList } from '../settings.ts'

const slug = (what: string, example: string) =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,127}$/, `not a ${what} of DigitalOcean: ${example}`)

export const tokenFile = filePath
  .optional()
  .describe('File with the token; default: DIGITALOCEAN_TOKEN of the environment of Slipway')
export const region = slug('region', 'fra1, nyc3').describe('Region: fra1, nyc3')

export const dropletSettings = z.strictObject({
  token_file: tokenFile,
  region,
  size: slug('size', 's-2vcpu-4gb').optional().describe('Size: s-2vcpu-4gb; or --memory and --cpus in its place'),
  vpc: z.guid('not the UUID of a VPC').optional().describe('UUID of a VPC of the region; default: the region’s own'),
  ssh_keys: typedList(
    z.string().regex(/^(\d{1,19}|([0-9a-f]{2}:){15}[0-9a-f]{2})$/, 'not a number or a fingerprint of a key'),
  )
    .optional()
    .describe('Keys of the account that root lets in: numbers or MD5 fingerprints'),
  tags: typedList(z.string().regex(/^[a-zA-Z0-9:_-]{1,255}$/, 'a tag has letters, digits and the signs : _ - only'))
    .optional()
    .describe('Tags, such as that of a firewall or a load balancer'),
  private: typedBoolean.optional().describe('It is reached at its address in the VPC; default: at its public one'),
  ipv6: typedBoolean.optional().describe('It has an IPv6 address, too'),
  monitoring: typedBoolean.optional().describe('DigitalOcean’s agent for metrics is installed'),
  backups: typedBoolean.optional().describe('DigitalOcean takes backups of it, for money'),
})
export type DropletSettings = z.output<typeof dropletSettings>

const fault = (path: string, message: string, remedy: string): SettingsFault => ({
  name: 'machine-invalid',
  path,
  message,
  remedy,
})

export function checkDroplet(
  { size, tags = [] }: DropletSettings,
  { memory, cpus, image }: CommonSpec,
): readonly SettingsFault[] {
  const found: SettingsFault[] = []
  if (size === undefined && (memory === undefined || cpus === undefined))
    found.push(
      fault(
        'digitalocean.size',
        'it is not said how large it is to be',
        'Name a size: --set size=s-2vcpu-4gb; or give --memory and --cpus.',
      ),
    )
  if (memory !== undefined && memory % 1024 !== 0)
    found.push(fault('memory', 'droplets have whole GiB of memory', 'Write it like this: 4GiB; or name a size.'))
  const [, sizeCpus, sizeMemory] = /^[a-z0-9]+-(\d+)vcpu-(\d+)gb/.exec(size ?? '') ?? []
  if (sizeCpus !== undefined && cpus !== undefined && Number(sizeCpus) !== cpus)
    found.push(fault('cpus', `the size ${size} has ${sizeCpus} CPUs, not ${cpus}`, 'Leave one of the two out.'))
  if (sizeMemory !== undefined && memory !== undefined && Number(sizeMemory) * 1024 !== memory)
    found.push(fault('memory', `the size ${size} has ${sizeMemory} GiB of memory`, 'Leave one of the two out.'))
  if (image !== undefined && !/^[a-z0-9][a-z0-9.-]{0,127}$/.test(image))
    found.push(
      fault(
        'image',
        `${image} is no image of DigitalOcean`,
        'Name its slug (debian-12-x64), or the number of a snapshot.',
      ),
    )
  if (tags.some(tag => /^slipway-[0-9a-f]{16}$/.test(tag)))
    found.push(fault('digitalocean.tags', 'such a tag is the mark of one machine', 'Choose another name for the tag.'))
  return found
}

/** The size that is named, or that with this memory and these CPUs among the basic ones. */
export const sizeOf = ({ size }: Pick<DropletSettings, 'size'>, { memory = 0, cpus }: CommonSpec): string =>
  size ?? `s-${cpus}vcpu-${memory / 1024}gb`

export const tokenFileOf = (
  { token_file: file }: { readonly token_file?: string | undefined },
  of: string,
): readonly SettingsFile[] => (file === undefined ? [] : [{ file, path: `${of}.token_file`, kind: secretFileKind }])
