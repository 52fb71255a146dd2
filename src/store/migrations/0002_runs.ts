import type { Migration } from '../migration.ts'

export const runs: Migration = {
  number: 2,
  name: 'plans, runs, events, logs and leases',
  up: [
    `CREATE TABLE plans (
      hash text PRIMARY KEY,
      cluster text NOT NULL,
      desired_version bigint NOT NULL,
      plan jsonb NOT NULL,
      created timestamptz NOT NULL DEFAULT now(),
      created_by text NOT NULL
    )`,
    `CREATE TABLE runs (
      id text PRIMARY KEY,
      cluster text NOT NULL,
      title text NOT NULL,
      plan_hash text NOT NULL REFERENCES plans (hash),
      pending_hash text REFERENCES plans (hash),
      desired_version bigint NOT NULL,
      status text NOT NULL CHECK (status IN
        ('queued', 'running', 'awaiting_approval', 'failed', 'cancelled', 'completed', 'superseded')),
      approved_by text NOT NULL,
      accepted jsonb NOT NULL DEFAULT '[]',
      seq bigint NOT NULL DEFAULT 0,
      log_seq bigint NOT NULL DEFAULT 0,
      last_fence text,
      last_write bigint NOT NULL DEFAULT 0,
      cancel_requested boolean NOT NULL DEFAULT false,
      error jsonb,
      superseded_by text,
      created timestamptz NOT NULL DEFAULT clock_timestamp(),
      started timestamptz,
      ended timestamptz
    )`,
    // One run at a time on a cluster, whatever two callers do at the same moment.
    `CREATE UNIQUE INDEX runs_active ON runs (cluster) WHERE status IN ('queued', 'running')`,
    `CREATE INDEX runs_of_cluster ON runs (cluster, created DESC)`,
    `CREATE TABLE stage_runs (
      run text NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      key text NOT NULL,
      position integer NOT NULL,
      kind text NOT NULL,
      title text NOT NULL,
      needs jsonb NOT NULL,
      arguments jsonb NOT NULL,
      disabled text,
      status text NOT NULL CHECK (status IN
        ('waiting', 'running', 'completed', 'skipped', 'failed', 'cancelled', 'blocked')),
      decision jsonb NOT NULL,
      reason text,
      attempts integer NOT NULL DEFAULT 0,
      recheck boolean NOT NULL DEFAULT false,
      outputs text,
      error jsonb,
      started timestamptz,
      ended timestamptz,
      PRIMARY KEY (run, key)
    )`,
    `CREATE TABLE attempts (
      run text NOT NULL,
      stage text NOT NULL,
      number integer NOT NULL,
      worker text NOT NULL,
      epoch bigint NOT NULL,
      fence bigint NOT NULL,
      status text NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled', 'interrupted')),
      started timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended timestamptz,
      error jsonb,
      PRIMARY KEY (run, stage, number),
      FOREIGN KEY (run, stage) REFERENCES stage_runs (run, key) ON DELETE CASCADE
    )`,
    `CREATE TABLE host_results (
      run text NOT NULL,
      stage text NOT NULL,
      host text NOT NULL,
      attempt integer NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('ok', 'changed', 'failed', 'unreachable', 'skipped')),
      message text,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (run, stage, host),
      FOREIGN KEY (run, stage) REFERENCES stage_runs (run, key) ON DELETE CASCADE
    )`,
    `CREATE TABLE events (
      run text NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      seq bigint NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      type text NOT NULL,
      stage text,
      attempt integer,
      host text,
      message text NOT NULL,
      data jsonb,
      PRIMARY KEY (run, seq)
    )`,
    // seq orders the chunks of a run over all its stages; (stage, attempt, "offset") names a place in one log.
    `CREATE TABLE log_chunks (
      run text NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      seq bigint NOT NULL,
      stage text NOT NULL,
      attempt integer NOT NULL,
      "offset" bigint NOT NULL,
      text text NOT NULL,
      PRIMARY KEY (run, seq),
      UNIQUE (run, stage, attempt, "offset")
    )`,
    `CREATE TABLE leases (
      subject text PRIMARY KEY,
      epoch bigint NOT NULL DEFAULT 0,
      number bigint NOT NULL DEFAULT 0,
      worker text,
      owner jsonb,
      expires timestamptz,
      taken timestamptz
    )`,
  ],
  down: [
    'DROP TABLE leases',
    'DROP TABLE log_chunks',
    'DROP TABLE events',
    'DROP TABLE host_results',
    'DROP TABLE attempts',
    'DROP TABLE stage_runs',
    'DROP TABLE runs',
    'DROP TABLE plans',
  ],
}
