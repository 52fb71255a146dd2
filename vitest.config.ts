import { homedir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { filesAtOnce } from './test/suite/filesAtOnce.ts'
import { LongestFirst } from './test/suite/longestFirst.ts'
import { alone } from './test/suite/order.ts'

// Three projects: `unit` runs anywhere in seconds; `system` boots lab hosts and databases, some files side by side;
// `alone` measures the machine, and follows one file at a time.
const patient = { testTimeout: 300_000, hookTimeout: 300_000 }
const maxWorkers = filesAtOnce()
// Tests start hundreds of Node processes of the same sources; as with bin/slipway, only the first one compiles them.
process.env['NODE_COMPILE_CACHE'] ??= join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'slipway/compile-cache',
)

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          // A process for each file would take half of the time.
          isolate: false,
          include: ['src/**/*.test.ts', 'lab/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
      { test: { name: 'system', include: ['test/**/*.test.ts'], exclude: alone, maxWorkers, ...patient } },
      { test: { name: 'alone', include: alone, fileParallelism: false, sequence: { groupOrder: 1 }, ...patient } },
    ],
  },
})
