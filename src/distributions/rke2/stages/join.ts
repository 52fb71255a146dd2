import type { Stage } from '../../../engine/contract/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { tellDoing } from '../doing.ts'
import { proveMember } from '../identity.ts'
import { newMemberFindings } from '../newMember.ts'
import { play } from '../play.ts'
import { formedFindings } from '../prerequisites.ts'
import { serverReady } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { Rke2Session } from '../session.ts'
import { wantedJoiner } from '../wanted.ts'
import { type ObservedServer, serverDoing, serverRules } from './server.ts'

const playbook = 'install_joining_masters.yml'

/** One further server. It is ready when it votes in etcd; only then may the next one begin. */
export function join(stage: StageArguments, session: Rke2Session): Stage<ObservedServer> {
  const node = only(stage)
  const { changesOf, writing, ...rules } = serverRules(stage, session, {
    reaches: 'joining_masters',
    playbook,
    wanted: wantedJoiner,
    findings: seen => [...formedFindings(seen), ...newMemberFindings(seen, stage)],
  })
  return {
    ...rules,
    shouldRun(observed) {
      const changes = changesOf(observed)
      if (changes.length === 0) return { kind: 'skip', reason: `${node.hostname} is a working server` }
      return { kind: 'run', reason: reasonOf(changes), changes }
    },
    async execute(context, observed) {
      const { wanted } = observed
      const doing = serverDoing(node.hostname, changesOf(observed), observed.seen)
      // From here on an empty first server can no longer be told from a lost one.
      await context.record(tellDoing(doing), [{ type: 'bootstrap-joiner-started' }])
      await play(
        session,
        {
          playbook,
          arguments: stage,
          nodes: [node],
          files: new Map([[node.hostname, wanted.write]]),
          hostVariables: () => writing(observed),
        },
        context,
      )
    },
    async waitForReady(context) {
      await serverReady(session, stage, node, context)
      await proveMember(session, stage, node, context)
    },
  }
}
