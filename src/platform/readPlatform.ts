import type { PlatformSession } from './platformSession.ts'
import { platformOf, type PlatformSpec } from './spec.ts'

/** The platform as it is desired now; empty where none is. */
export const readPlatform = async (session: Pick<PlatformSession, 'desired'>): Promise<PlatformSpec> =>
  platformOf((await session.desired()).spec) ?? {}
