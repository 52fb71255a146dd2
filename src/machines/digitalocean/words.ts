import type { Explained } from '../contract.ts'
import { explainBy, type Meanings } from '../words.ts'

/** Words of DigitalOcean, as its API and its Terraform provider have them. */
const meanings: Meanings = [
  [
    /\b401\b.*Unable to authenticate you/,
    () => ({
      message: 'DigitalOcean does not take the token',
      remedy:
        'Make another one that may write, and name its file: --set token_file=FILE (with --change where the machine is on record); or set DIGITALOCEAN_TOKEN where Slipway runs.',
    }),
  ],
  [
    /\b403\b.*(not authorized|forbidden)/i,
    () => ({
      message: 'the token may not do this at DigitalOcean',
      remedy: 'Make a token with full access, or with the scopes that docs/machines.md names.',
    }),
  ],
  [
    /will exceed your droplet limit/,
    () => ({
      message: 'the account has as many droplets as it may have',
      remedy: 'Ask DigitalOcean for a higher limit, or take droplets away; then create the machine again.',
    }),
  ],
  [
    /\b429\b|[Tt]oo many requests/,
    () => ({
      message: 'DigitalOcean was asked too often',
      remedy:
        'It answers 5,000 requests an hour: wait for some minutes, then create the machine again, or go on with it.',
    }),
  ],
  [
    /invalid (region|size|image) for Droplet/,
    ([, what = '']) => ({
      message: `DigitalOcean has no such ${what}, or not in this region`,
      remedy: `See which there are: doctl compute ${what} list${what === 'image' ? ' --public' : ''}.`,
    }),
  ],
  [
    /(\S+) are invalid key identifiers/,
    ([, key]) => ({
      message: `the account has no key ${key}`,
      remedy: 'See which there are: doctl compute ssh-key list.',
    }),
  ],
  [
    /SSH Key is already in use on your account/,
    () => ({
      message: 'the account has this key already',
      remedy:
        'Leave it to the account (--set ssh_key=false --change), and name its fingerprint for the machines: --set ssh_keys=FINGERPRINT.',
    }),
  ],
  [
    /VPC UUID is invalid|the VPC \S+ is not in the region/,
    () => ({
      message: 'there is no such VPC in this region',
      remedy: 'See which there are: doctl vpcs list.',
    }),
  ],
  [
    /This range\/size overlaps with another VPC|VPC with the same name already exists/,
    () => ({
      message: 'the account has a VPC with this name, or with addresses of this range',
      remedy: 'Choose another name for the network, or another range: --set ip_range=10.20.0.0/20.',
    }),
  ],
  [
    /Can not delete VPC with members/i,
    () => ({
      message: 'machines are in this network still',
      remedy: 'Destroy them first; a droplet that is gone counts as a member for a minute or so.',
    }),
  ],
]

export const explainDigitalOcean = (said: string): Explained | null => explainBy(meanings, said)
