import type { Distribution } from '../contract.ts'
import { inventoryRoles } from './inventory.ts'

export const rke2: Distribution = { name: 'rke2', inventory: inventoryRoles }
