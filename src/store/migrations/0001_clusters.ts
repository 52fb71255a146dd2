import type { Migration } from '../migration.ts'

export const clusters: Migration = {
  number: 1,
  name: 'clusters, nodes, credentials and host keys',
  up: [
    `CREATE TABLE installation (
      id text PRIMARY KEY,
      epoch bigint NOT NULL,
      identity text NOT NULL,
      sealing_key text,
      created timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE clusters (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE,
      type text NOT NULL CHECK (type IN ('managed', 'registered')),
      distribution text NOT NULL,
      version text NOT NULL,
      installation_stage text
        CHECK (installation_stage IN ('initial_master', 'joining_masters', 'workers', 'completed')),
      cluster_vars jsonb NOT NULL DEFAULT '{}',
      api_endpoint text,
      desired_version bigint NOT NULL DEFAULT 0,
      spec jsonb NOT NULL DEFAULT '{}',
      last_applied jsonb,
      token text,
      agent_token text,
      kubeconfig text,
      bootstrap_state text NOT NULL DEFAULT 'unused' CHECK (bootstrap_state IN ('unused', 'claimed', 'done')),
      bootstrap_machine_id text,
      bootstrap_attempt text,
      bootstrap_joiner_started boolean NOT NULL DEFAULT false,
      bootstrap_ca_hash text,
      created timestamptz NOT NULL DEFAULT now(),
      updated timestamptz NOT NULL DEFAULT now(),
      CHECK (bootstrap_state = 'unused' OR bootstrap_machine_id IS NOT NULL OR type = 'registered'),
      CHECK (bootstrap_state <> 'done' OR bootstrap_ca_hash IS NOT NULL)
    )`,
    // An exclusion constraint is a partial unique index that can wait for the end of the transaction: two nodes
    // may swap their addresses in one apply.
    `CREATE TABLE nodes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      cluster_id bigint NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
      position integer NOT NULL,
      hostname text NOT NULL,
      internal_ip text NOT NULL,
      external_ip text,
      use_external_ip boolean,
      ansible_ip inet NOT NULL GENERATED ALWAYS AS
        ((CASE WHEN use_external_ip AND external_ip IS NOT NULL THEN external_ip ELSE internal_ip END)::inet) STORED,
      role text NOT NULL CHECK (role IN ('initial_master', 'master', 'worker')),
      status text NOT NULL
        CHECK (status IN ('pending', 'installing', 'active', 'failed', 'draining', 'removed')),
      wanted boolean NOT NULL DEFAULT true,
      node_vars jsonb,
      ssh jsonb,
      installed_version text,
      last_error text,
      created timestamptz NOT NULL DEFAULT now(),
      updated timestamptz NOT NULL DEFAULT now(),
      status_since timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT nodes_hostname UNIQUE (cluster_id, hostname),
      CONSTRAINT nodes_address EXCLUDE USING btree (ansible_ip WITH =) WHERE (status <> 'removed')
        DEFERRABLE INITIALLY DEFERRED
    )`,
    `CREATE INDEX nodes_in_order ON nodes (cluster_id, position, id)`,
    `CREATE TABLE credentials (
      name text NOT NULL,
      version integer NOT NULL,
      kind text NOT NULL,
      sealed text NOT NULL,
      digest text NOT NULL,
      created timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (name, version)
    )`,
    `CREATE TABLE host_keys (
      cluster text NOT NULL,
      host text NOT NULL,
      key_lines text NOT NULL,
      created timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (cluster, host)
    )`,
  ],
  down: [
    'DROP TABLE host_keys',
    'DROP TABLE credentials',
    'DROP TABLE nodes',
    'DROP TABLE clusters',
    'DROP TABLE installation',
  ],
}
