import { errorLine } from '../../../domain/errors.ts'
import type { InstallationStage } from '../../../domain/lifecycle.ts'
import type { StageRecords } from '../../../engine/contract/stage.ts'
import { behind } from '../absent.ts'
import type { NodeArguments } from '../arguments.ts'

/** A node's status follows the stage that sets it up; `reaches` is how far the installation is once the stage begins. */
export function nodeRecords({ hostname }: NodeArguments, version: string, reaches: InstallationStage): StageRecords {
  return {
    started: [
      { type: 'installation-stage', stage: reaches },
      { type: 'node', hostname, event: 'install' },
    ],
    completed: [{ type: 'node', hostname, event: 'ready', installed_version: version }],
    // It may have recovered by itself after an earlier run had given it up.
    skipped: leftOut => (leftOut.has(hostname) ? [] : [{ type: 'node-works', hostname, installed_version: version }]),
    leftOut: behind,
    failed: error => [{ type: 'node', hostname, event: 'fail', error: errorLine(error) }],
  }
}
