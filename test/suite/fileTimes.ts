import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'

/**
 * Writes how long each file took to the file that `SLIPWAY_FILE_TIMES` names, for the table at the end of `make test`.
 * The runner's own report knows the tests only: what a file prepares before the first one is most of some.
 */
export default class FileTimes implements Reporter {
  #root = ''

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const place = process.env['SLIPWAY_FILE_TIMES']
    if (place === undefined) return
    const times = modules.map(module => {
      const { collectDuration, duration } = module.diagnostic()
      return {
        file: relative(this.#root, module.moduleId),
        seconds: (collectDuration + duration) / 1000,
        tests: [...module.children.allTests()].length,
      }
    })
    writeFileSync(place, JSON.stringify(times))
  }
}
