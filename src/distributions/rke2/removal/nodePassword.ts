import { randomBytes } from 'node:crypto'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { secrets } from '../../../kubernetes/resources.ts'

const namespace = 'kube-system'

/**
 * RKE2 keeps by which password a node registered under its name, and refuses an agent of that name which has another one
 * for as long as the secret is there.
 */
const placeOf = (hostname: string) => ({ namespace, name: `${hostname}.node-password.rke2` })

/** Says that a secret keeps a name from being taken again, and was no node's. */
const mark = 'slipway/removed'

/** Lets another machine register under this name. */
export async function forgetPassword(
  client: Pick<ClusterClient, 'remove'>,
  hostname: string,
  signal: AbortSignal,
): Promise<void> {
  await client.remove(secrets, placeOf(hostname), { signal })
}

/**
 * Lets nobody register under this name: the machine was out of reach when its node was removed, and must not join again
 * when it comes back. To be done when the Node is gone: RKE2 takes the secret away with it.
 */
export async function lockName(
  client: Pick<ClusterClient, 'create' | 'remove'>,
  hostname: string,
  signal: AbortSignal,
): Promise<void> {
  await forgetPassword(client, hostname, signal)
  const hash = `$1:${randomBytes(8).toString('hex')}:15:8:1:${randomBytes(64).toString('base64')}`
  await client.create(
    secrets,
    {
      metadata: { ...placeOf(hostname), labels: { [mark]: 'true' } },
      immutable: true,
      data: { hash: Buffer.from(hash).toString('base64') },
    },
    { signal },
  )
}

/** Whose the password of a name is. */
export async function passwordOf(
  client: Pick<ClusterClient, 'get'>,
  hostname: string,
  signal: AbortSignal,
): Promise<'its-own' | 'locked' | 'none'> {
  const found = await client.get(secrets, placeOf(hostname), { signal })
  if (found === null) return 'none'
  return found.metadata.labels?.[mark] === undefined ? 'its-own' : 'locked'
}

/** Lets machines of these names join that were locked out when they were removed. */
export async function unlockNames(
  client: Pick<ClusterClient, 'list' | 'remove'>,
  hostnames: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const locks = new Set(hostnames.map(hostname => placeOf(hostname).name))
  const query = { namespace, labelSelector: mark }
  for await (const { metadata } of client.list(secrets, query, { signal }))
    if (locks.has(metadata.name))
      await client.remove(secrets, { namespace, name: metadata.name }, { signal, uid: metadata.uid })
}
