import type pg from 'pg'

const message = 'the backup was made while the run was under way; whether to resume it is for you to say'

/**
 * Runs that were under way when a backup was made end as cancelled, so that nothing begins to change machines because
 * a server is started on what was restored.
 * @returns their ids.
 */
export async function endRunsUnderWay(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH ended AS (
      UPDATE runs SET status = 'cancelled', cancel_requested = false, ended = clock_timestamp(), seq = seq + 1
        WHERE status IN ('queued', 'running') RETURNING id, seq
    ), told AS (
      INSERT INTO events (run, seq, type, message) SELECT id, seq, 'run-cancelled', $1 FROM ended
    ), stages AS (
      UPDATE stage_runs SET status = 'cancelled', ended = clock_timestamp()
        WHERE status IN ('waiting', 'running') AND run IN (SELECT id FROM ended)
    ), attempted AS (
      UPDATE attempts SET status = 'interrupted', ended = clock_timestamp()
        WHERE status = 'running' AND run IN (SELECT id FROM ended)
    )
    SELECT id FROM ended ORDER BY id`,
    [message],
  )
  return rows.map(({ id }) => id)
}
