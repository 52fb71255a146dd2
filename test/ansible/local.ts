import { inventoryRoles } from '../../src/distributions/rke2/inventory.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HostVariables, Inventory } from '../../src/ansible/inventory.ts'
import type { Play } from '../../src/ansible/playbook.ts'

/** A play on this machine without SSH: for what happens on the controller only. */
export interface LocalPlay extends Disposable {
  readonly directory: string
  readonly log: () => string
  play(playbook: string, inventory: Inventory): Play
}

export function localPlays(): LocalPlay {
  const directory = mkdtempSync(join('/dev/shm', 'slipway-local-'))
  let text = ''
  return {
    directory,
    log: () => text,
    play: (playbook, inventory) => ({
      playbook: join(import.meta.dirname, 'playbooks', playbook),
      inventory,
      sshConfig: '/dev/null',
      directory,
      environment: {},
      signal: new AbortController().signal,
      log: piece => {
        text += piece
      },
    }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}

/** Workers that are this machine; their modules run without SSH. */
export function localInventory(hosts: Readonly<Record<string, HostVariables>>): Inventory {
  const names = Object.keys(hosts)
  return {
    hosts: names.map(name => ({ name, variables: { ansible_connection: 'local', ...hosts[name] } })),
    groups: { initial_master: [], joining_masters: [], workers: names, new_nodes: [] },
    parents: inventoryRoles.parents,
    targets: names,
  }
}
