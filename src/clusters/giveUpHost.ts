import type { AttemptContext } from '../engine/contract/stage.ts'
import { removeFence } from '../hosts/removeFence.ts'
import type { ClusterSession } from './session.ts'

/** Takes fence and interpreter from a host that has left its cluster, under the attempt's fence: another one may take it. */
export async function giveUpHost(
  { cluster, installation, hosts }: Pick<ClusterSession, 'cluster' | 'installation' | 'hosts'>,
  hostname: string,
  { fence, signal, environment }: Pick<AttemptContext, 'fence' | 'signal' | 'environment'>,
): Promise<void> {
  await removeFence(await hosts(), hostname, { scope: { installation, cluster }, fence }, { signal, environment })
}
