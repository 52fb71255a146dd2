import type { Bound } from '../bound.ts'
import { engineStages, engineWide } from './engine.ts'
import { events } from './events.ts'
import { fragments } from './fragments.ts'
import { install } from './install.ts'
import { machinesParallel } from './machinesParallel.ts'
import { logs } from './logs.ts'
import { noop } from './noop.ts'
import { plan } from './plan.ts'
import { render } from './render.ts'
import { scaleAdd, scaleRemove } from './scale.ts'
import { platformParallel } from './platformParallel.ts'
import { platformRuns } from './platformRuns.ts'
import { planOfMany } from './planOfMany.ts'
import { restart } from './restart.ts'
import { help, idleMemory, serveReady } from './startup.ts'

/** Every bound there is, the cheap ones first. */
export const bounds: readonly Bound[] = [
  render,
  fragments,
  help,
  serveReady,
  idleMemory,
  engineStages,
  engineWide,
  events,
  logs,
  planOfMany,
  restart,
  platformRuns,
  platformParallel,
  machinesParallel,
  noop,
  plan,
  scaleRemove,
  scaleAdd,
  install,
]
