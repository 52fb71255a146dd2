import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { HostAccess } from './access.ts'
import { type FenceMark, fenceDirectory, renderMark } from './fenceMark.ts'
import { runPython } from './python.ts'

export interface RaiseOptions {
  /** Ends modules of an older fence that go on beyond `wait`; only those that came through our wrapper. */
  readonly takeover: boolean
  /** ms to wait for modules of an older fence; default 20,000. */
  readonly wait?: number
  /** Takes the host over from another installation or cluster (adoption, on an explicit request only). */
  readonly force?: boolean
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

const holder = z.object({ pid: z.int(), command: z.string().max(1000), mark: z.string().max(1000).nullable() })

const reply = z.object({
  state: z.enum(['raised', 'held', 'lower', 'other-owner']),
  current: z
    .object({ epoch: z.int(), number: z.int(), installation: z.string().max(200), cluster: z.string().max(200) })
    .partial()
    .nullable(),
  holders: z.array(holder).max(20),
  ended: z.int(),
})

export interface RaisedFence {
  /** How many processes of an older worker were ended. */
  readonly ended: number
}

/**
 * Puts the fence on a host, with the interpreter that compares, and waits until nothing of an older fence runs there.
 * Raising the same fence again changes nothing.
 * @throws SlipwayError `fence-refused` when the host has a greater fence; `guard-refused` when it belongs to another
 *   installation or cluster, or when an older module goes on and may not be ended; what `HostAccess.run` throws.
 */
export async function raiseFence(
  access: HostAccess,
  hostname: string,
  mark: FenceMark,
  options: RaiseOptions,
): Promise<RaisedFence> {
  const wait = options.wait ?? 20_000
  const { scope, fence } = mark
  renderMark(mark)
  const answer = await runPython(
    access,
    hostname,
    {
      module: 'slipway.fence',
      arguments: {
        directory: fenceDirectory,
        ...scope,
        ...fence,
        force: options.force ?? false,
        takeover: options.takeover,
        wait: wait / 1000,
      },
      timeout: wait + 30_000,
      waits: true,
      ...(options.signal && { signal: options.signal }),
      ...(options.environment && { environment: options.environment }),
    },
    reply,
  )
  const there = answer.current
  switch (answer.state) {
    case 'raised':
      return { ended: answer.ended }
    case 'lower':
      throw new SlipwayError(
        'fence-refused',
        `${hostname} is at fence ${there?.epoch}.${there?.number}, this worker has ${fence.epoch}.${fence.number}`,
        {
          facts: { host: hostname },
          remedy: `A newer run owns ${hostname}: follow that one (slipway runs). Where this database has none, a copy of it, such as a restored backup, has worked on ${hostname} since: go on there, and put this one away.`,
        },
      )
    case 'other-owner':
      throw new SlipwayError(
        'guard-refused',
        there?.installation === scope.installation
          ? `${hostname} belongs to cluster ${there.cluster} of this installation`
          : `${hostname} belongs to another Slipway installation (${there?.installation ?? 'its record is damaged'}, cluster ${there?.cluster ?? 'unknown'})`,
        {
          facts: { host: hostname, installation: there?.installation ?? null, cluster: there?.cluster ?? null },
          remedy: `Nothing was changed. Where it is given up: uninstall Kubernetes on ${hostname} (RKE2: rke2-uninstall.sh), remove ${fenceDirectory} there, and apply again.`,
        },
      )
    case 'held': {
      const [first] = answer.holders
      throw new SlipwayError(
        'guard-refused',
        `${hostname}: a command of an earlier worker is still running: ${first?.command} (process ${first?.pid})`,
        {
          facts: { host: hostname, pid: first?.pid ?? null, command: first?.command ?? null },
          remedy: 'Wait for it to end or end it on the host; then `slipway resume`.',
        },
      )
    }
  }
}
