import type { SlipwayError } from '../domain/errors.ts'
import type { ApiAccess } from '../kubernetes/apiAccess.ts'
import type { Way } from '../kubernetes/connection.ts'
import { kubeconfigText } from '../kubernetes/kubeconfigText.ts'
import { openBridge } from './bridge.ts'
import { type CallFiles, callHelm, type HelmAnswer, type HelmSurroundings } from './command.ts'
import { refusal } from './refusal.ts'
import { toldByHelm } from './told.ts'

/** How the API of a cluster was reached. */
export interface Reached {
  readonly access: ApiAccess
  readonly way: Way
}

/** A release by its name, and how long its hooks may take. */
export interface ReleaseCall {
  readonly name: string
  readonly namespace: string
  /** ms that Helm waits for each of its hooks. */
  readonly timeout: number
}

/**
 * Has Helm do something to a release, and gives back what it prints. That anything becomes ready, or is gone, is not waited for.
 * @param act `upgrade`, and what stands behind the name.
 * @param remedy where the release or the API refuses it.
 * @throws SlipwayError as `refusal` and `callHelm` say.
 */
export async function onCluster(
  release: ReleaseCall,
  act: Act,
  files: CallFiles,
  reached: Reached,
  around: HelmSurroundings,
  remedy?: string,
): Promise<string> {
  const answer = await askedOnCluster(release, act, files, reached, around)
  if (answer.exitCode === 0) return answer.stdout
  throw refusalOf(release, answer, remedy)
}

/** The same, whatever comes of it. @throws SlipwayError as `callHelm` says. */
export async function askedOnCluster(
  { name, namespace, timeout }: ReleaseCall,
  [act, ...options]: Act,
  files: CallFiles,
  { access, way }: Reached,
  around: HelmSurroundings,
): Promise<HelmAnswer> {
  await using bridge = await openBridge(access, way)
  const args = [act, name, ...options, `--namespace=${namespace}`, `--timeout=${Math.ceil(timeout / 1000)}s`]
  // Awaited here: the bridge stands until Helm has ended.
  return await callHelm(args, { ...files, kubeconfig: kubeconfigText(bridge.access, 'slipway') }, around)
}

/** What it means that Helm has failed with that. Pure. */
export const refusalOf = (
  { name, namespace }: Pick<ReleaseCall, 'name' | 'namespace'>,
  { exitCode, stderr }: HelmAnswer,
  remedy?: string,
): SlipwayError => refusal(`${namespace}/${name}`, exitCode, toldByHelm(stderr), remedy)

type Act = readonly [string, ...string[]]

/** Revisions that Helm keeps, for a rollback. */
export const history = 10
