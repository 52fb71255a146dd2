import { SlipwayError } from '../../domain/errors.ts'
import { type Found, isMeant, type Leftover, type Marks, type ProviderCalls } from '../contract.ts'
import { listDomains, listVolumes } from './domains.ts'
import type { LibvirtSettings } from './settings.ts'
import { virsh } from './virsh.ts'

/** Domains first: a volume that one of them uses can't be deleted everywhere. */
export async function findLibvirt({ uri, pool }: LibvirtSettings, marks: Marks, calls: ProviderCalls): Promise<Found> {
  const [domains, volumes] = await Promise.all([listDomains(uri, calls), listVolumes(uri, pool, calls)])
  const marked = (uid: string | null): uid is string => uid !== null && isMeant(marks, uid)
  return {
    asked: true,
    leftovers: [
      ...domains.flatMap(({ uid, name, uuid }) => (marked(uid) ? [{ uid, what: `domain ${name}`, id: uuid }] : [])),
      ...volumes.flatMap(({ uid, name, path }) => (marked(uid) ? [{ uid, what: `volume ${name}`, id: path }] : [])),
    ],
  }
}

/** The id of a cloud-init disk is that of its volume and a word that is drawn each time it is read. */
export const idInPool = (id: string): string => id.split(';', 1)[0] ?? id

export async function removeLibvirt(
  { uri }: LibvirtSettings,
  { id, what }: Leftover,
  calls: ProviderCalls,
): Promise<void> {
  // A domain that is off can't be destroyed: that is no error here, nor is what is gone already.
  const { errors } = isUuid(id)
    ? await virsh(uri, [`destroy ${id}`, `undefine ${id} --nvram --managed-save --snapshots-metadata`], calls)
    : await virsh(uri, [`vol-delete ${quoted(id)}`], calls)
  const refused = errors.filter(text => !passing.test(text))
  if (refused.length > 0)
    throw new SlipwayError('provider-refused', `libvirt keeps ${what}: ${refused.join(' ')}`, {
      remedy: `Take it away there: virsh -c ${uri} ${isUuid(id) ? `undefine ${id}` : `vol-delete ${quoted(id)}`}.`,
    })
}

const isUuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)

/** In a line of virsh; paths of pools are what somebody else has named. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

const passing =
  /^(failed to get (domain|vol) |Domain not found|Storage volume not found|Failed to destroy domain |Requested operation is not valid: domain is not running)/
