import type { InventoryRoles } from '../ansible/inventory.ts'

/** What the rest of Slipway knows of a way to make Kubernetes clusters of machines. */
export interface Distribution {
  /** As `spec.distribution` of a cluster file names it. */
  readonly name: string
  readonly inventory: InventoryRoles
}
