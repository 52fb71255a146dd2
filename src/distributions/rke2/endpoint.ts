import { isIP } from 'node:net'
import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import { resolveOn } from '../../hosts/resolve.ts'
import type { StageArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { Questions } from './lostHosts.ts'
import type { Rke2Session } from './session.ts'

/** Every member reaches the cluster by the endpoint: a name is asked of each machine's own resolver. */
export async function endpointFindings(
  session: Rke2Session,
  { cluster: { api_endpoint } }: Pick<StageArguments, 'cluster'>,
  fresh: readonly ReachedHost[],
  context: StageContext,
  questions: Questions,
): Promise<Unmet[]> {
  if (api_endpoint === undefined || isIP(api_endpoint) !== 0 || fresh.length === 0) return []
  const hosts = await session.hosts()
  const asked = await Promise.all(
    fresh.map(host =>
      questions.ask(host, async ({ node: { hostname } }) => {
        const { error } = await context.observations.read(`resolves/${hostname}/${api_endpoint}`, () =>
          resolveOn(hosts, hostname, api_endpoint, { signal: context.signal }),
        )
        return { hostname, error }
      }),
    ),
  )
  return unresolvedFindings(
    api_endpoint,
    asked.filter(answer => answer !== null),
  )
}

/** One finding for all machines that get the same answer. */
export function unresolvedFindings(
  endpoint: string,
  asked: readonly { readonly hostname: string; readonly error: string | null }[],
): Unmet[] {
  const failed = asked.filter(({ error }) => error !== null)
  return [...Map.groupBy(failed, ({ error }) => error)].map(([error, group]) => {
    const names = group.map(({ hostname }) => hostname).join(', ')
    return {
      name: 'endpoint-unresolved',
      severity: 'error',
      about: 'spec.api_endpoint',
      hosts: group.map(({ hostname }) => hostname),
      message: `${endpoint} cannot be resolved on ${names}: ${error}`,
      remedy: `Put ${endpoint} into the DNS that the machines ask, or into their /etc/hosts; or write an address.`,
    }
  })
}
