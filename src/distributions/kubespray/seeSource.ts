import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { ClusterSession } from '../../clusters/session.ts'
import type { ClusterArguments } from './arguments.ts'
import { judgeFolder, type PinnedSource, pinSource, presentSource } from './source/bring.ts'
import { findPython, presentEnvironment, type PythonEnvironment } from './source/environment.ts'
import type { Kubespray } from './source/judge.ts'

/** Prefix of what a stage that brings the source makes stale. */
export const sourceKey = 'kubespray/source'

/** The source as it is now, and what of it is on this machine; `error`: it cannot be used, and why. */
export type SeenSource =
  | {
      readonly error: null
      readonly pinned: PinnedSource
      /** What it tells of itself; null: it was never brought here, so nobody knows yet. */
      readonly kubespray: Kubespray | null
      /** It was brought here. */
      readonly here: boolean
      readonly environment: PythonEnvironment | null
    }
  | { readonly error: SlipwayError }

export const seeSource = (
  { kubespray: { source } }: Pick<ClusterArguments, 'kubespray'>,
  session: Pick<ClusterSession, 'environment'>,
  { observations, signal }: Pick<StageContext, 'observations' | 'signal'>,
): Promise<SeenSource> =>
  observations.read(sourceKey, async (): Promise<SeenSource> => {
    try {
      await findPython()
      const pinned = await pinSource(source, { signal, marker: session.environment })
      const present = await presentSource(pinned)
      const kubespray = present ?? (await judgeFolder(source, pinned))
      const environment = kubespray ? await presentEnvironment(kubespray.requirements) : null
      return { error: null, pinned, kubespray, here: present !== null, environment }
    } catch (thrown) {
      signal.throwIfAborted()
      return { error: toSlipwayError(thrown) }
    }
  })
