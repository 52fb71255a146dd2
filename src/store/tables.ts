import type { ColumnType, Generated, GeneratedAlways, Kysely, Transaction } from 'kysely'

/**
 * The tables as they stand after the last migration. JSON columns are read as `unknown` and parsed by their
 * repository; they are written as text. Times are ISO 8601 text, from the database's clock.
 */
export interface Tables {
  installation: {
    id: string
    epoch: number
    identity: string
    /** Id of the key that seals what is secret here; null until the first server has named its own. */
    sealing_key: string | null
    /** Its epochs, each with the place in the order of all events behind which it began. */
    epochs: JsonColumn
    created: Generated<string>
  }
  clusters: {
    id: GeneratedAlways<number>
    name: string
    type: 'managed' | 'registered'
    distribution: string
    version: string
    installation_stage: string | null
    cluster_vars: JsonColumn
    api_endpoint: string | null
    desired_version: Generated<number>
    spec: JsonColumn
    last_applied: JsonColumn
    token: string | null
    agent_token: string | null
    kubeconfig: string | null
    bootstrap_state: Generated<string>
    bootstrap_machine_id: string | null
    bootstrap_attempt: string | null
    bootstrap_joiner_started: Generated<boolean>
    bootstrap_ca_hash: string | null
    bootstrap_etcd_cluster: string | null
    /** uid of its namespace kube-system; null unless it was discovered. */
    discovered_uid: string | null
    created: Generated<string>
    updated: Generated<string>
  }
  nodes: {
    id: GeneratedAlways<number>
    cluster_id: number
    position: number
    hostname: string
    internal_ip: string
    external_ip: string | null
    use_external_ip: boolean | null
    /** Null: it is that of a machine. */
    ansible_ip: GeneratedAlways<string | null>
    role: string
    status: string
    wanted: Generated<boolean>
    node_vars: JsonColumn
    ssh: JsonColumn
    /** What the cluster file says of it besides, as its distribution names it. */
    spec: JsonColumn
    installed_version: string | null
    last_error: string | null
    /** When it was first left out of what was done to the others; null when it is up to date. */
    behind_since: string | null
    behind_reason: string | null
    /** A configuration that somebody else has written and that says what is wanted; null: there is none. */
    adopted: JsonColumn
    /** Null: it has no member of etcd to which Slipway has given a name. */
    etcd_member: string | null
    created: Generated<string>
    updated: Generated<string>
    status_since: Generated<string>
  }
  credentials: {
    name: string
    version: number
    kind: string
    sealed: string
    digest: string
    created: Generated<string>
  }
  machines: {
    name: string
    /** By which what is made of it is known at its provider; no other machine ever has the same. */
    uid: string
    provider: string
    spec: JsonColumn
    desired_version: Generated<number>
    status: Generated<string>
    status_since: Generated<string>
    addresses: JsonColumn
    /** At which the other nodes of its cluster reach it, where that is not the first of its addresses. */
    internal_address: string | null
    last_error: string | null
    /** Where its Terraform state is; null: in machine_states. There is a copy of one that is elsewhere, as it was seen last. */
    state_place: JsonColumn | null
    created: Generated<string>
    updated: Generated<string>
  }
  /** By the machine's name, also of one that is not on record (any more). */
  machine_states: { name: string; sealed: string; serial: number; lineage: string; updated: Generated<string> }
  host_keys: { cluster: string; host: string; key_lines: string; created: Generated<string> }
  plans: {
    hash: string
    subject_kind: string
    subject_name: string
    desired_version: number
    plan: JsonColumn
    created: Generated<string>
    created_by: string
  }
  runs: {
    id: string
    subject_kind: string
    subject_name: string
    title: string
    plan_hash: string
    pending_hash: string | null
    desired_version: number
    status: string
    approved_by: string
    accepted: JsonColumn
    seq: Generated<number>
    log_seq: Generated<number>
    last_fence: string | null
    last_write: Generated<number>
    cancel_requested: Generated<boolean>
    error: JsonColumn
    superseded_by: string | null
    created: Generated<string>
    started: string | null
    ended: string | null
  }
  stage_runs: {
    run: string
    key: string
    position: number
    kind: string
    title: string
    needs: JsonColumn
    arguments: JsonColumn
    disabled: string | null
    optional: boolean
    status: string
    decision: JsonColumn
    reason: string | null
    attempts: Generated<number>
    recheck: Generated<boolean>
    outputs: string | null
    error: JsonColumn
    started: string | null
    ended: string | null
  }
  attempts: {
    run: string
    stage: string
    number: number
    worker: string
    epoch: number
    fence: number
    status: string
    started: Generated<string>
    ended: string | null
    error: JsonColumn
  }
  host_results: {
    run: string
    stage: string
    host: string
    attempt: number
    outcome: string
    message: string | null
    at: Generated<string>
  }
  events: {
    run: string
    seq: number
    at: Generated<string>
    type: string
    stage: string | null
    attempt: number | null
    host: string | null
    message: string
    data: JsonColumn
    /** In the order of all events; drawn before the commit, so read it only as far as `settled_places()` says. */
    place: Generated<number>
  }
  log_chunks: { run: string; seq: number; stage: string; attempt: number; offset: number; text: string }
  schema_migrations: { number: number; name: string; applied: string }
  schema_functions: { name: string; checksum: string; applied: string }
  leases: {
    subject_kind: string
    subject_name: string
    epoch: number
    number: number
    worker: string | null
    owner: JsonColumn
    expires: string | null
    taken: string | null
  }
}

/** Read as parsed JSON, written as text (node-postgres would take an array for an SQL array). */
type JsonColumn = ColumnType<unknown, string | null | undefined, string | null>

export type Database = Kysely<Tables>
export type DatabaseTransaction = Transaction<Tables>
