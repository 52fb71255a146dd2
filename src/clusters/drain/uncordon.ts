import { z } from 'zod'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Stage } from '../../engine/contract/stage.ts'
import { clusterName, hostname } from '../../domain/names.ts'
import { makeSchedulable } from '../../kubernetes/drain/schedulable.ts'
import { type Node, nodes } from '../../kubernetes/resources.ts'
import { type ApiSession, type ApiSessionOf, withClusterApi } from '../clusterApi.ts'
import { overHosts } from '../transient.ts'
import { noSuchNode } from './noSuchNode.ts'

const uncordonArguments = z.strictObject({ cluster: clusterName, node: hostname })

/** Lets pods come to one node again, whoever has cordoned it. */
export const uncordonStage = defineStage({
  kind: 'cluster/uncordon',
  arguments: uncordonArguments,
  stage: (given, sessionOf: ApiSessionOf) => uncordon(given.node, sessionOf(given.cluster)),
})

function uncordon(name: string, session: ApiSession): Stage<Node | null> {
  const records = [{ type: 'node-uncordoned', hostname: name }] as const
  return {
    timeout: 60_000,
    retry: overHosts,
    touches: [],
    records: { completed: records, skipped: () => records },
    observe: ({ signal }) => withClusterApi(session, signal, client => client.get(nodes, { name }, { signal })),
    checkPrerequisites: node => (node ? [] : [noSuchNode(name)]),
    shouldRun: node =>
      node?.spec.unschedulable
        ? {
            kind: 'run',
            reason: `${name} is cordoned`,
            changes: [
              { effect: 'update', target: `node/${name}/scheduling`, summary: 'uncordon: it takes pods again' },
            ],
          }
        : { kind: 'skip', reason: `${name} takes pods` },
    execute: ({ signal }) => withClusterApi(session, signal, client => makeSchedulable(client, name, { signal })),
    // The API has answered that it is so.
    async waitForReady() {},
  }
}
