import type { ApiAccess } from '../kubernetes/apiAccess.ts'
import type { Way } from '../kubernetes/connection.ts'
import { kubeconfigText } from '../kubernetes/kubeconfigText.ts'
import { openBridge } from './bridge.ts'
import { type CallFiles, callHelm, type HelmSurroundings } from './command.ts'
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
  const { exitCode, stdout, stderr } = await callHelm(args, { ...files, kubeconfig }, around)
  if (exitCode === 0) return stdout
  throw refusal(`${namespace}/${name}`, exitCode, toldByHelm(stderr), remedy)
 */
export async function onCluster(
  { name, namespace, timeout }: ReleaseCall,
  [act, ...options]: readonly [string, ...string[]],
  files: CallFiles,
  { access, way }: Reached,
  around: HelmSurroundings,
  remedy?: string,
): Promise<string> {
  await using bridge = await openBridge(access, way)
  const args = [act, name, ...options, `--namespace=${namespace}`, `--timeout=${Math.ceil(timeout / 1000)}s`]
  const kubeconfig = kubeconfigText(bridge.access, 'slipway')
  const { exitCode, stdout, stderr } = await callHelm(args, { ...files, kubeconfig }, around)
  if (exitCode === 0) return stdout
  throw refusal(`${namespace}/${name}`, exitCode, toldByHelm(stderr), remedy)
}

/** Revisions that Helm keeps, for a rollback. */
export const history = 10
