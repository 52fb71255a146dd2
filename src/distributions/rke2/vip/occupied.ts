import { z } from 'zod'
import type { StageContext } from '../../../engine/contract/stage.ts'
import { runPython } from '../../../hosts/python.ts'
import type { Rke2Session } from '../session.ts'

const reply = z.object({ mac: z.string().max(100).nullable(), error: z.string().max(300).nullable() })

/** s; a machine on the same network answers within milliseconds. */
const patience = 0.8

/**
 * The MAC address of whoever answers for an address on the network of a host; null when nobody does, or when the network is
 * of a kind on which that cannot be asked.
 */
export async function whoAnswers(
  session: Rke2Session,
  hostname: string,
  asked: { readonly address: string; readonly interface: string },
  { signal }: Pick<StageContext, 'signal'>,
): Promise<string | null> {
  const request = {
    module: 'slipway.neighbour',
    arguments: { ...asked, timeout: patience },
    timeout: 20_000,
    signal,
  }
  return (await runPython(await session.hosts(), hostname, request, reply)).mac
}
