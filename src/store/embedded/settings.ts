import type { Version } from './versions.ts'

/** How the embedded PostgreSQL is made: sums over all pages, small files of its log, the same order of text everywhere. */
export const initialisation: readonly string[] = [
  '--username=slipway',
  // Who may enter the folder of the socket is who may connect; there is no other way in.
  '--auth=trust',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--data-checksums',
  '--wal-segsize=1',
  '--no-instructions',
  // Given, they are not tried out.
  '--set=max_connections=20',
  '--set=shared_buffers=16MB',
  '--set=wal_recycle=off',
]

export const databaseUser = 'slipway'
export const databaseName = 'postgres'

/** Given at each start, so that a database that an earlier version made follows this one's. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '20',
  shared_buffers: '16MB',
  // What is acknowledged is on the disk.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Nothing is replicated, and no process stands by for work that never comes.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '0',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  io_method: 'sync',
  autovacuum: 'on',
  autovacuum_max_workers: '1',
  autovacuum_worker_slots: '1',
  max_wal_size: '64MB',
  // The log takes the room that it needs, not what it needed once.
  wal_recycle: 'off',
  jit: 'off',
  huge_pages: 'off',
  // Files of the data folder: what a kill leaves is removed at the next start, wherever that is.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  // Statements and rows may hold what is secret.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}

/** The arguments of `postgres` in the database's folder, which is its working directory. */
export const startArguments = (socketFolder: string, { lacks }: Version): string[] => [
  ...workingDirectory,
  ...Object.entries({ ...settings, unix_socket_directories: quoted(socketFolder) })
    .filter(([name]) => !lacks.includes(name))
    .flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]

/** By this name it is reached also by an account that may not enter the folders above it, and however long its path is. */
export const workingDirectory = ['-D', '/proc/self/cwd']

/** A list of folders is separated by commas. */
const quoted = (path: string): string => `"${path.replaceAll('"', '""')}"`
