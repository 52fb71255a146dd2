import { z } from 'zod'
import { defineProvider } from '../contract.ts'
import { moduleFolder } from '../modules.ts'
import { moduleVariables } from '../moduleVariables.ts'
import { typedBoolean, typedList } from '../settings.ts'
import { digitalOcean } from './api.ts'
import { networkKinds, finding, removing } from './find.ts'
import { region, tokenFile, tokenFileOf } from './settings.ts'
import { tokenEnvironment } from './token.ts'
import { explainDigitalOcean } from './words.ts'

const name = 'digitalocean-network'

const sources = typedList(z.union([z.cidrv4(), z.cidrv6()], 'not a range of addresses: 203.0.113.7/32')).optional()

/** What droplets of one cluster share. */
export const digitaloceanNetwork = defineProvider({
  name,
  title: 'What droplets share: a VPC, a firewall, a load balancer for the API',
  settings: z.strictObject({
    token_file: tokenFile,
    region,
    ip_range: z
      .cidrv4('not a range of addresses: 10.20.0.0/20')
      .optional()
      .describe('Addresses of the VPC; default: DigitalOcean chooses'),
    ssh_from: sources.describe('Who may log in; default: everybody'),
    api_from: sources.describe('Who may ask the API of the members themselves; default: only members'),
    public_ports: typedList(z.string().regex(/^\d{1,5}(-\d{1,5})?$/, 'not a port, or a range as 8000-9000'))
      .optional()
      .describe('Ports that everybody may reach, such as 80,443'),
    load_balancer: typedBoolean.optional().describe('A load balancer for the API, for money'),
    ssh_key: typedBoolean.optional().describe('The account gets the public key of --key-file'),
  }),
  takes: {},
  shared: true,
  module: moduleFolder(name),
  files: settings => tokenFileOf(settings, name),
  variables(machine) {
    const { token_file: _token, ...settings } = machine.settings
    return { ...moduleVariables(machine), ...settings }
  },
  environment: tokenEnvironment,
  find: finding(networkKinds),
  remove: removing(networkKinds),
  async preflight({ settings }, calls) {
    // A token that is refused is told before anything is made.
    await (await digitalOcean(settings, calls)).get('/v2/account', z.unknown())
    return []
  },
  explain: explainDigitalOcean,
})
