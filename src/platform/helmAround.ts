import type { StageContext } from '../engine/contract/stage.ts'
import type { HelmSurroundings } from '../helm/command.ts'
import type { PlatformSession } from './platformSession.ts'
import type { PlatformSurroundings } from './surroundings.ts'

/** What Helm is called with for a cluster. @param environment the marker of its children: of an attempt, or of the process. */
export const helmAround = async (
  session: Pick<PlatformSession, 'directory'>,
  helm: PlatformSurroundings['helm'],
  { signal }: Pick<StageContext, 'signal'>,
  environment: HelmSurroundings['environment'],
): Promise<HelmSurroundings> => ({ tool: await helm(), directory: session.directory, environment, signal })
