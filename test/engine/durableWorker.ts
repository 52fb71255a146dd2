import { join } from 'node:path'
import type { EngineLimits } from '../../src/engine/contract/ports.ts'
import type { RunRecords } from '../../src/engine/contract/records.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { type RunningWorker, startWorker } from '../../src/engine/worker/worker.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { newWorkerName } from '../../src/processes/environment.ts'
import { identifyWorker, isDead } from '../../src/processes/workerIdentity.ts'
import { appendDurably } from './durableFile.ts'
import { durableKind } from './durableStages.ts'

/** A worker for the durable stages; `takeovers` in the folder of their world lists what it took over. */
export const startDurableWorker = (
  records: RunRecords,
  world: string,
  limits: Partial<EngineLimits> & Pick<EngineLimits, 'leaseTime'>,
): RunningWorker =>
  startWorker({
    self: identifyWorker(newWorkerName()),
    isDead,
    records,
    registry: createRegistry([durableKind]),
    children: { end: of => endChildren(of, 0) },
    onTakeover: async (_cluster, fence, hosts) => {
      await appendDurably(join(world, 'takeovers'), `${fence.epoch}.${fence.number} ${hosts.join(',')}`)
    },
    redact: text => text,
    report: (message, fields) => {
      if (fields['error'] !== undefined) console.error(message, fields)
    },
    limits: { poll: 250, leaseMargin: limits.leaseTime / 4, ...limits },
  })
