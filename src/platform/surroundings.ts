import type { HelmTool } from '../helm/tool.ts'
import type { PlatformSession } from './platformSession.ts'

/** What stages of the platform have at hand. */
export interface PlatformSurroundings {
  sessionOf(cluster: string): PlatformSession
  helm(): Promise<HelmTool>
}
