import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createObservations } from '../../src/engine/contract/observations.ts'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { clusterFileOf, node } from '../store/clusterFile.ts'

/** Id of the installation of Slipway whose releases and objects are ours. */
export const installation = 'of-this-test'

/** What the store has of the cluster, whatever its platform is. */
export const desired = clusterFileOf('demo', [node('m1', '10.0.0.11')])

export interface SessionParts extends Pick<PlatformSession, 'secret' | 'hosts' | 'directory' | 'environment'> {
  readonly platform: PlatformSpec
  openFile(file: string): string
  readonly installation?: string
  /** Default: demo. */
  readonly cluster?: string
}

/** What stages of the platform are given of a cluster, without a server of Slipway. */
export const benchSession = ({ platform, openFile, ...parts }: SessionParts): PlatformSession => ({
  installation,
  cluster: 'demo',
  ...parts,
  hashKey: '00'.repeat(32),
  desired: async () => ({ ...desired, spec: { ...desired.spec, platform } }),
  openFile: async file => openFile(file),
  learn() {},
  read: createObservations().read,
})

/** A chart of a folder, as a session has files that are no text. */
export const chartIn = (folder: string) => (file: string) => readFileSync(join(folder, file)).toString('base64')
