import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import type { ControlPlane } from '../kubernetes/controlPlane.ts'
import { helm } from './packedChart.ts'

/** A cluster that is reached by its API alone. @param kubeconfig asked when it is needed. */
export const byApi = (kubeconfig: () => string): Pick<PlatformSession, 'secret' | 'hosts'> => ({
  secret: async () => kubeconfig(),
  hosts: () => Promise.reject(new Error('no server is needed')),
})

/** Of a Helm that somebody calls by hand on a control plane. */
export const helmEnvironment = ({ folder }: Pick<ControlPlane, 'folder'>) => ({
  ...process.env,
  KUBECONFIG: join(folder, 'kubeconfig'),
})

/** Calls Helm as somebody does by hand. @throws when it fails. */
export const helmByHand = (plane: Pick<ControlPlane, 'folder'>, ...args: readonly string[]): Buffer =>
  execFileSync(helm.path, args, { env: helmEnvironment(plane), stdio: 'pipe' })
