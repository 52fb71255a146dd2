import { z } from 'zod'
import { machineAddress } from '../../domain/names.ts'
import { defineProvider } from '../contract.ts'

/** Hosts that are there already: they are looked at, and nothing of them is made or taken away. */
export const existing = defineProvider({
  name: 'existing',
  title: 'Hosts that you have already',
  settings: z.strictObject({
    address: machineAddress.describe('Where it is reached over SSH'),
  }),
  takes: {},
  module: null,
  variables: () => ({}),
  addresses: ({ address }) => [address],
})
