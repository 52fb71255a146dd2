import type { Bound } from '../bound.ts'
import { help, idleMemory, serveReady } from './startup.ts'

/** Every bound there is, the cheap ones first. */
export const bounds: readonly Bound[] = [help, serveReady, idleMemory]
