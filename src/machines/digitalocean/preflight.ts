import { z } from 'zod'
import type { PlannedMachine, ProviderCalls, SettingsFault } from '../contract.ts'
import { digitalOcean } from './api.ts'
import { type DropletSettings, sizeOf } from './settings.ts'

const sizeShape = z.object({ slug: z.string(), available: z.boolean(), regions: z.array(z.string()) })
const regionShape = z.object({ slug: z.string(), available: z.boolean() })
const imageShape = z.object({ image: z.object({ regions: z.array(z.string()) }) })
const vpcShape = z.object({ vpc: z.object({ region: z.string(), name: z.string() }) })
const accountShape = z.object({ account: z.object({ droplet_limit: z.int() }) })
const countShape = z.object({ meta: z.object({ total: z.int() }) })

/** What is named and is not there, and whether the account may have one more. */
export async function preflightDroplet(
  machine: PlannedMachine<DropletSettings>,
  calls: ProviderCalls,
): Promise<readonly SettingsFault[]> {
  const { settings, image = 'debian-12-x64', user } = machine
  const { region, vpc, ssh_keys: keys = [] } = settings
  const size = sizeOf(settings, machine)
  const api = await digitalOcean(settings, calls)
  // By itself: of a token that is refused nothing else is to be told.
  const account = await api.get('/v2/account', accountShape)
  const [regions, sizes, found, network, droplets, missing] = await Promise.all([
    api.list('/v2/regions', 'regions', regionShape),
    api.list('/v2/sizes', 'sizes', sizeShape),
    api.get(`/v2/images/${encodeURIComponent(image)}`, imageShape),
    vpc === undefined ? null : api.get(`/v2/vpcs/${vpc}`, vpcShape),
    api.get('/v2/droplets?per_page=1', countShape),
    Promise.all(keys.map(async key => ((await api.get(`/v2/account/keys/${key}`, z.unknown())) === null ? [key] : []))),
  ])
  const faults: SettingsFault[] = []
  const add = (path: string, message: string, remedy: string) =>
    void faults.push({ name: 'machine-invalid', path, message, remedy })
  const there = regions.find(one => one.slug === region)
  if (!there?.available)
    add(
      'digitalocean.region',
      `DigitalOcean has no region ${region}${there ? ' that takes droplets now' : ''}`,
      shown('region list'),
    )
  const offered = sizes.find(one => one.slug === size)
  if (!offered) add('digitalocean.size', `DigitalOcean has no size ${size}`, shown('size list'))
  else if (!offered.available || (there && !offered.regions.includes(region)))
    add('digitalocean.size', `the size ${size} is not to be had in ${region}`, shown('size list'))
  if (found === null) add('image', `DigitalOcean has no image ${image}`, shown('image list --public'))
  else if (there && !found.image.regions.includes(region))
    add('image', `the image ${image} is not in ${region}`, 'Name another region, or bring the image there.')
  if (vpc !== undefined && network?.vpc.region !== region)
    add(
      'digitalocean.vpc',
      network ? `the VPC ${network.vpc.name} is in ${network.vpc.region}, not in ${region}` : `there is no VPC ${vpc}`,
      'See which there are: doctl vpcs list.',
    )
  for (const key of missing.flat()) add('digitalocean.ssh_keys', `the account has no key ${key}`, shown('ssh-key list'))
  if (user === 'root' && keys.length === 0)
    add(
      'digitalocean.ssh_keys',
      'root of a droplet that was made without a key of the account has a password that has expired, and can’t log in by key either',
      'Name a key of the account: --set ssh_keys=FINGERPRINT; or have another login made: --user NAME.',
    )
  const limit = account?.account.droplet_limit
  if (limit !== undefined && (droplets?.meta.total ?? 0) >= limit)
    add(
      '',
      `the account has ${droplets?.meta.total} droplets, and may have ${limit}`,
      'Ask DigitalOcean for a higher limit, or take droplets away.',
    )
  return faults
}

const shown = (what: string): string => `See which there are: doctl compute ${what}.`
