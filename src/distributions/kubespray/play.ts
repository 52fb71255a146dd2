import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { playError } from '../../ansible/failures.ts'
import type { ClusterSession } from '../../clusters/session.ts'
import { readable } from '../../clusters/target.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import { Writes } from '../../engine/contract/writes.ts'
import { type ClusterArguments, inOrder } from './arguments.ts'
import { rolesWith } from './inventory.ts'
import { memberNames } from './memberNames.ts'
import { roleProgress } from './roleProgress.ts'
import { seeSource } from './seeSource.ts'
import { runsEtcd } from './spec/roles.ts'
import { readSecretVars } from './spec/secretVars.ts'
import { clusterVariables, type KubespraySecrets, nodeVariables } from './variables.ts'

/**
 * Runs one of Kubespray's playbooks on all nodes, under the fence, in the environment that the source asks for. The log
 * takes Ansible's own words, the events a line for each role that is begun and each task that fails.
 * @throws SlipwayError of the first failing host, with a finding for each.
 */
export async function play(
  session: ClusterSession,
  cluster: ClusterArguments,
  playbook: string,
  context: AttemptContext,
): Promise<void> {
  const source = await seeSource(cluster, session, context)
  if (source.error) throw source.error
  const { kubespray, here, environment } = source
  if (!kubespray || !here || !environment)
    throw new SlipwayError(
      'playbooks-missing',
      'the playbooks, or what they run in, are not on this machine any more',
      {
        remedy: 'Apply again: they are brought anew.',
      },
    )
  const names = await nameMembers(session, cluster, context)
  const progress = new Writes()
  const tellRole = roleProgress(message => progress.add(context.progress(message)))
  const nodes = inOrder(cluster)
  const results = await session
    .play(
      {
        playbook: join(kubespray.folder, playbook),
        roles: rolesWith(names),
        nodes,
        common: clusterVariables({ ...cluster, nodes }, await readSecrets(session, cluster)),
        hosts: nodeVariables(cluster),
        foreign: { tools: environment, folder: kubespray.folder },
        onEvent(event) {
          tellRole(event)
          if (event.event !== 'task') return
          const { host, task, seconds, outcome } = event
          if (outcome === 'failed' || outcome === 'unreachable')
            progress.add(context.task(host, task, { outcome, seconds: seconds ?? null }))
        },
      },
      context,
    )
    .finally(() => progress.done())
  const error = playError(results)
  if (error) throw error
}

/** Names of members go on record before there are any: whoever comes after a crash must not give them to others. */
async function nameMembers(session: ClusterSession, cluster: ClusterArguments, context: AttemptContext) {
  const recorded = await session.etcdMembers()
  const members = inOrder(cluster).filter(runsEtcd)
  const names = memberNames(
    members.map(({ hostname }) => hostname),
    recorded,
  )
  const given = [...names].filter(([hostname]) => !recorded.has(hostname))
  if (given.length > 0)
    await context.record(
      'gives the members of etcd their names',
      given.map(([hostname, name]) => ({ type: 'etcd-member', hostname, name })),
    )
  return names
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** As Kubespray would make one: secretbox and AES take 32 bytes. */
const newKey = (): string => Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join('')

/** The key for Secrets is made when there is none yet; it is kept where other clusters keep their token. */
async function readSecrets(session: ClusterSession, { kubespray }: ClusterArguments): Promise<KubespraySecrets> {
  const { value } = await session.secretOr('token', newKey)
  const { secret_vars } = kubespray
  if (secret_vars === undefined) return { encryption: value, variables: {} }
  const variables = readable(secret_vars, readSecretVars(await session.file(secret_vars)))
  for (const secret of textsIn(variables)) session.learn(secret)
  return { encryption: value, variables }
}

/** Every text that could be a secret; short ones are words that stand everywhere. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 6 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
