import { z } from 'zod'
import { isMeant, type Leftover, type Provider, type ProviderCalls } from '../contract.ts'
import { digitalOcean } from './api.ts'

type Settings = { readonly token_file?: string | undefined }

/** Where things of a kind are, and by what their mark is read. */
interface Kind {
  readonly what: string
  readonly path: string
  /** Of the list in an answer. */
  readonly name: string
  readonly mark: RegExp
  /** Where the mark is; default: in its name. */
  readonly marked?: 'tags' | 'description'
}

const tags = { what: 'tag', path: '/v2/tags', name: 'tags' }
const named = /-([0-9a-f]{16})$/

/** Of a machine; each list in the order in which things can be taken away. */
export const dropletKinds: readonly Kind[] = [
  { what: 'droplet', path: '/v2/droplets', name: 'droplets', mark: /^slipway-([0-9a-f]{16})$/, marked: 'tags' },
  { ...tags, mark: /^slipway-([0-9a-f]{16})$/ },
]

export const networkKinds: readonly Kind[] = [
  { what: 'load balancer', path: '/v2/load_balancers', name: 'load_balancers', mark: named },
  { what: 'firewall', path: '/v2/firewalls', name: 'firewalls', mark: named },
  { what: 'key', path: '/v2/account/keys', name: 'ssh_keys', mark: named },
  { what: 'VPC', path: '/v2/vpcs', name: 'vpcs', mark: /^Slipway network ([0-9a-f]{16})$/, marked: 'description' },
  { ...tags, mark: /^slipway-network-([0-9a-f]{16})$/ },
]

const thing = z.object({
  /** A tag has none. */
  id: z.union([z.string(), z.number()]).optional(),
  name: z.string(),
  description: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
})

/** Everything of these kinds that has one of the marks. */
export const finding =
  (kinds: readonly Kind[]): NonNullable<Provider<Settings>['find']> =>
  async (settings, marks, calls) => {
    const api = await digitalOcean(settings, calls)
    const found = await Promise.all(
      kinds.map(async ({ what, path, name, mark, marked }): Promise<readonly Leftover[]> => {
        const listed = await api.list(path, name, thing)
        return listed.flatMap(one => {
          const texts = marked === 'tags' ? one.tags : [marked === 'description' ? one.description : one.name]
          const uid = (texts ?? []).map(text => mark.exec(text ?? '')?.[1]).find(text => text && isMeant(marks, text))
          const id = String(one.id ?? one.name)
          // Names of droplets are not unique.
          const shown = marked === 'tags' ? `${one.name} (${id})` : one.name
          return uid === undefined ? [] : [{ uid, what: `${what} ${shown}`, id }]
        })
      }),
    )
    return { asked: true, leftovers: found.flat() }
  }

export const removing =
  (kinds: readonly Kind[]) =>
  async (settings: Settings, { id, what }: Leftover, calls: ProviderCalls): Promise<void> => {
    const kind = kinds.find(one => what.startsWith(`${one.what} `))
    if (kind) await (await digitalOcean(settings, calls)).remove(`${kind.path}/${encodeURIComponent(id)}`)
  }
