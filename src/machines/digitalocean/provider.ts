import { defineProvider } from '../contract.ts'
import { moduleFolder } from '../modules.ts'
import { moduleVariables } from '../moduleVariables.ts'
import { dropletKinds, finding, removing } from './find.ts'
import { preflightDroplet } from './preflight.ts'
import { checkDroplet, type DropletSettings, dropletSettings, sizeOf, tokenFileOf } from './settings.ts'
import { tokenEnvironment } from './token.ts'
import { explainDigitalOcean } from './words.ts'

const name = 'digitalocean'

/** Droplets. */
export const digitalocean = defineProvider<DropletSettings>({
  name,
  title: 'Droplets of DigitalOcean',
  settings: dropletSettings,
  takes: { memory: 'optional', cpus: 'optional', image: 'optional' },
  module: moduleFolder(name),
  unnoticed: ['backups', 'tags'],
  check: checkDroplet,
  files: settings => tokenFileOf(settings, name),
  variables(machine) {
    const { settings } = machine
    const { region, vpc, ssh_keys, tags, private: isPrivate, ipv6, monitoring, backups } = settings
    return {
      ...moduleVariables(machine),
      size: sizeOf(settings, machine),
      region,
      vpc,
      ssh_keys,
      tags,
      private: isPrivate,
      ipv6,
      monitoring,
      backups,
    }
  },
  environment: tokenEnvironment,
  find: finding(dropletKinds),
  remove: removing(dropletKinds),
  preflight: preflightDroplet,
  explain: explainDigitalOcean,
})
