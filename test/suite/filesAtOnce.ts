import { availableParallelism, totalmem } from 'node:os'

/** Of the machine's memory, bytes; a file with a lab of three servers takes somewhat less. */
const memoryOfFile = 3 * 1024 ** 3

/**
 * How many files of tests run side by side. They spend most of their time waiting for hosts: one more than there are
 * processors keeps these busy. `SLIPWAY_TEST_FILES` says otherwise, for one run.
 */
export function filesAtOnce(
  wanted = process.env['SLIPWAY_TEST_FILES'],
  processors = availableParallelism(),
  memory = totalmem(),
): number {
  if (wanted !== undefined && wanted !== '') {
    if (!/^[1-9]\d?$/.test(wanted)) throw new Error(`SLIPWAY_TEST_FILES is ${wanted}: give a number from 1 to 99`)
    return Number(wanted)
  }
  return Math.max(1, Math.min(processors + 1, Math.floor(memory / memoryOfFile)))
}
