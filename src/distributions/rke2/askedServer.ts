import type { StageContext } from '../../engine/contract/stage.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { askable, hostKey } from './observeCluster.ts'
import type { Rke2Session } from './session.ts'

/** The server that all agents of a batch ask; null where none answers that is of the recorded cluster. */
export interface AskedServer {
  readonly now: () => Promise<NodeArguments | null>
  /** The one to ask after `gone` was out of reach: one look for all that have noticed it. */
  readonly after: (gone: string) => Promise<NodeArguments | null>
}

/** Looks at the servers anew: what was seen before the play may be of one that has died since. */
export function askedServer(session: Rke2Session, stage: StageArguments, context: StageContext): AskedServer {
  const observeAnew = () => {
    for (const { hostname } of stage.servers) context.observations.drop(hostKey(hostname))
    return askable(session, stage, context)
  }
  let asked: Promise<NodeArguments | null> | null = null
  const now = () => (asked ??= observeAnew())
  return {
    now,
    async after(gone) {
      const before = now()
      const server = await before
      if (server?.hostname === gone && asked === before) asked = observeAnew()
      return now()
    },
  }
}
