import { renderInventoryYaml } from '../../src/ansible/inventoryFormats.ts'
import { type Bound, median, rounds, spread } from '../bound.ts'
import { renderForStage } from '../../src/distributions/rke2/inventory.fixture.ts'

export const render: Bound = {
  name: 'render',
  minutes: 1,
  async measure() {
    const nodes = Array.from({ length: 1000 }, (_, index) => ({
      hostname: `node-${index}`,
      internal_ip: `10.0.${index >> 8}.${index & 255}`,
      role: index === 0 ? ('initial_master' as const) : index < 5 ? ('master' as const) : ('worker' as const),
      node_vars: { 'node-label': [`rack=r${index % 20}`] },
    }))
    const times = await rounds(21, () => renderInventoryYaml(renderForStage({ nodes, ssh: { user: 'root' } }, 'all')))
    return [{ name: 'inventory of 1,000 nodes', figure: median(times), bound: 10, unit: 'ms', note: spread(times) }]
  },
}
