import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { expectedTime } from './order.ts'

/** Starts the longest files first, of all projects that run together: whoever is free takes the next one. */
export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(
      files.toSorted((one, other) => group(one) - group(other) || this.#time(other) - this.#time(one)),
    )
  }

  /** s */
  #time(file: TestSpecification): number {
    const remembered = this.ctx.cache.getTestSpecificationResult(file)?.duration
    return expectedTime(
      relative(this.ctx.config.root, file.moduleId),
      remembered === undefined ? undefined : remembered / 1000,
    )
  }
}

const group = (file: TestSpecification): number => file.project.config.sequence.groupOrder
