import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askAnsible, judge } from '../../src/machines/fragments/judge.ts'
import { type ListedMachine, renderInventories } from '../../src/machines/fragments/render.ts'
import { writeInventories } from '../../src/machines/fragments/write.ts'
import { type Bound, median, rounds, spread, timed } from '../bound.ts'

const count = 1000

const machine = (index: number, address: string): ListedMachine => ({
  name: `vm-${index}`,
  addresses: [address],
  ssh: { user: 'ops', port: 22, key_file: '/keys/id', jump: [] },
  host_key: `vm-${index} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDaTkaAaIOTE8FpLOFdYvbwCJOECabBMc5QxGHO9J8bM`,
  dotfiles_local_path: null,
})

/** One machine of a thousand has another address: all fragments are read and compared, one is written, and all are merged. */
export const fragments: Bound = {
  name: 'fragments',
  minutes: 2,
  async measure() {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    try {
      const all = Array.from({ length: count }, (_, index) => machine(index, `10.0.${index >> 8}.${index & 255}`))
      const seen = await askAnsible(renderInventories(folder, all).merged)
      const others = { ...seen, hosts: new Map([...seen.hosts].filter(([name]) => name !== 'vm-0')) }
      let round = 0
      const first = await timed(() => writeInventories(folder, { machines: async () => all, read: async () => seen }))
      const times = await rounds(11, () => {
        round += 1
        // Without an address it is not looked for in what was read beforehand, and its fragment is another one each time.
        const changed = { ...machine(0, ''), addresses: [], ...(round % 2 === 0 && { ssh: null }) }
        const those = [...all.slice(1), changed]
        return writeInventories(folder, { machines: async () => those, read: async () => others })
      })
      const ansible = await timed(() => judge(renderInventories(folder, all), askAnsible))
      const note = `one of them changed, without ansible-inventory (${ansible.toFixed(0)} ms); all written anew: ${first.toFixed(0)} ms; ${spread(times)}`
      return [{ name: 'inventory of 1,000 machines', figure: median(times), bound: 200, unit: 'ms', note }]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}
