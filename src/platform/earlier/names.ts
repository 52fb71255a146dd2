import { catalogue } from '../catalogue/index.ts'
import type { Layer } from '../contract.ts'

/** Names of stages that earlier installers stored, and what they were for. */

export interface Meaning {
  readonly components: readonly string[]
  /** The charts of the cluster file as well. */
  readonly charts?: true
}

const ofLayer = (layer: Layer): Meaning => ({
  components: catalogue.filter(component => component.layer === layer).map(({ name }) => name),
})
const one = (name: string): Meaning => ({ components: [name] })
const charts: Meaning = { components: [], charts: true }

/** A wait belongs to its own stage now: each decides by the world what is left. Pure. */
export function earlierStages(): Readonly<Record<string, Meaning>> {
  const own = catalogue.filter(({ layer }) => layer !== 'application').map(({ name }) => [name, one(name)])
  return {
    ...Object.fromEntries(own),
    operators: ofLayer('operator'),
    wait_operators: ofLayer('operator'),
    infrastructure: ofLayer('infrastructure'),
    wait_infrastructure: ofLayer('infrastructure'),
    'infra-vm': one('infra-victoriametrics'),
    init: one('database-init'),
    database_migration: one('database-migration'),
    storage_secret: one('storage-secret'),
    applications: charts,
    wait_applications: charts,
    apps: charts,
  }
}
