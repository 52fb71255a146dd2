import type { Migration } from '../migration.ts'

/**
 * Clusters that others have made: by what they are known, and which configurations on their hosts say what is wanted
 * though Slipway has not written them. Of such a cluster nobody may have read the CA. The step before needs one: an
 * empty one stands for it there.
 */
export const discovery: Migration = {
  number: 10,
  name: 'discovered clusters',
  up: [
    'ALTER TABLE clusters ADD COLUMN discovered_uid text',
    'ALTER TABLE nodes ADD COLUMN adopted jsonb',
    'ALTER TABLE clusters DROP CONSTRAINT clusters_check1',
    `ALTER TABLE clusters ADD CONSTRAINT clusters_authority
      CHECK (bootstrap_state <> 'done' OR bootstrap_ca_hash IS NOT NULL OR type = 'registered')`,
    `UPDATE clusters SET bootstrap_ca_hash = NULL WHERE type = 'registered' AND bootstrap_ca_hash = ''`,
  ],
  down: [
    `UPDATE clusters SET bootstrap_ca_hash = ''
      WHERE type = 'registered' AND bootstrap_state = 'done' AND bootstrap_ca_hash IS NULL`,
    'ALTER TABLE clusters DROP CONSTRAINT clusters_authority',
    `ALTER TABLE clusters ADD CONSTRAINT clusters_check1
      CHECK (bootstrap_state <> 'done' OR bootstrap_ca_hash IS NOT NULL)`,
    'ALTER TABLE nodes DROP COLUMN adopted',
    'ALTER TABLE clusters DROP COLUMN discovered_uid',
  ],
}
