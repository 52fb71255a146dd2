import { expect, it } from 'vitest'
import { kyselyOver } from './driver.ts'
import { requireServer } from './requireServer.ts'
import type { Tables } from './tables.ts'

/** A server of this version that is as it should be in all else. */
const server = (version: string, number: string) => {
  const state = { version, number, read_only: false, schema: 'public', may_create: true }
  return kyselyOver<Tables>({
    session: async () => ({ query: async () => ({ rows: [state] }), release: () => {} }),
    close: async () => {},
  })
}
const told = async (): Promise<void> => {}

it.each([
  ['9.6.24', '90624'],
  ['13.22', '130022'],
  ['13beta1', '130000'],
])('PostgreSQL %s is too old', async (version, number) => {
  await expect(requireServer(server(version, number), told)).rejects.toMatchObject({
    code: 'database-outdated',
    message: `the server is PostgreSQL ${version}, and 14 is the oldest that will do`,
  })
})

it.each([
  ['14.0', '140000'],
  ['18.4', '180004'],
  ['19devel', '190000'],
])('PostgreSQL %s will do', async (version, number) => {
  await requireServer(server(version, number), told)
})
