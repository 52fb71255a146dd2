import { renderInventoryJson, renderInventoryYaml } from '../../ansible/inventoryFormats.ts'
import type { Inventory } from '../../ansible/inventory.ts'
import type { Rendering } from './render.ts'

/** Machines without fragments of others: those are INI, and stay so. */
function inventoryOf({ fragments }: Rendering): Inventory {
  const hosts = fragments.flatMap(({ machine, host }) => (host === null ? [] : [{ name: machine, variables: host }]))
  const names = hosts.map(({ name }) => name)
  return { hosts, groups: { vms: names }, parents: {}, targets: names }
}

export const asYaml = (rendering: Rendering): string => renderInventoryYaml(inventoryOf(rendering))
export const asJson = (rendering: Rendering): string => `${renderInventoryJson(inventoryOf(rendering))}\n`
