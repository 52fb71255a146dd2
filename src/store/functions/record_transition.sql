-- A transition of a run is one statement: fence, state, attempts, host results, events and the notification
-- together, in one round trip. `p_change` is written by transitions.ts, which names its fields.
--
-- Under a lease the writes are numbered, and what was written stays known until the next lease: neither a write that
-- is sent again nor one that comes late from a connection that was given up is written twice. What people ask for has
-- no number and leaves the worker's alone. Everybody locks the lease before the run, so that nobody waits in a circle.
CREATE FUNCTION record_transition(p_run text, p_fence jsonb, p_write bigint, p_change jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_run runs%ROWTYPE;
  v_to jsonb := p_change->'run';
  v_stage jsonb;
  v_attempt jsonb;
  v_result jsonb;
  v_status text;
  v_count integer := jsonb_array_length(p_change->'events');
  v_fence text := (p_fence->>'epoch') || '.' || (p_fence->>'number');
BEGIN
  IF p_fence IS NULL THEN
    PERFORM 1 FROM leases l JOIN runs r USING (subject_kind, subject_name) WHERE r.id = p_run FOR UPDATE OF l;
  ELSIF NOT holds_lease(p_fence) THEN
    -- Perhaps it was this very write that gave the lease back, and only its answer was lost.
    IF EXISTS (SELECT 1 FROM runs WHERE id = p_run AND last_fence = v_fence AND last_write >= p_write) THEN
      RETURN -1;
    END IF;
    PERFORM refuse_fence(p_fence);
  END IF;
  SELECT * INTO v_run FROM runs WHERE id = p_run FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no run %', p_run USING ERRCODE = 'SW002', DETAIL = 'not-found';
  END IF;
  IF v_run.last_fence = v_fence AND v_run.last_write >= p_write THEN
    RETURN -1;
  END IF;
  IF v_to IS NOT NULL AND NOT v_to->'from' ? v_run.status THEN
    RAISE EXCEPTION 'run % is %', p_run, v_run.status USING ERRCODE = 'SW003', DETAIL = 'run-state';
  END IF;
  IF p_change ? 'seq' AND v_run.seq <> (p_change->>'seq')::bigint THEN
    RAISE EXCEPTION 'run % has gone on and is %', p_run, v_run.status USING ERRCODE = 'SW003', DETAIL = 'run-state';
  END IF;
  -- A pause would forget the cancel that was asked for.
  IF v_run.cancel_requested AND v_to->>'to' = 'awaiting_approval' THEN
    RAISE EXCEPTION 'run % is to be cancelled', p_run USING ERRCODE = 'SW003', DETAIL = 'run-state';
  END IF;
  IF p_change ? 'cancel' AND coalesce(v_to->>'to', v_run.status) NOT IN ('queued', 'running') THEN
    RAISE EXCEPTION 'run % is %', p_run, v_run.status USING ERRCODE = 'SW003', DETAIL = 'run-state';
  END IF;
  UPDATE runs SET
    seq = seq + v_count,
    last_fence = coalesce(v_fence, last_fence),
    last_write = coalesce(p_write, last_write),
    status = coalesce(v_to->>'to', status),
    error = CASE WHEN v_to ? 'error' THEN nullif(v_to->'error', 'null') ELSE error END,
    plan_hash = coalesce(v_to->>'plan_hash', plan_hash),
    pending_hash = CASE WHEN v_to ? 'pending_hash' THEN v_to->>'pending_hash' ELSE pending_hash END,
    accepted = coalesce(v_to->'accepted', accepted),
    approved_by = coalesce(v_to->>'approved_by', approved_by),
    superseded_by = coalesce(v_to->>'superseded_by', superseded_by),
    cancel_requested = CASE WHEN v_to->>'to' = 'running' THEN cancel_requested
      WHEN v_to IS NOT NULL THEN p_change ? 'cancel' ELSE cancel_requested OR p_change ? 'cancel' END,
    started = CASE WHEN v_to->>'to' = 'running' THEN coalesce(started, clock_timestamp()) ELSE started END,
    ended = CASE WHEN v_to->>'to' IN ('failed', 'cancelled', 'completed', 'superseded') THEN clock_timestamp()
      WHEN v_to IS NOT NULL THEN NULL ELSE ended END
    WHERE id = p_run;
  FOR v_stage IN SELECT * FROM jsonb_array_elements(p_change->'stages') LOOP
    UPDATE stage_runs SET
      status = coalesce(v_stage->>'to', status),
      decision = coalesce(v_stage->'decision', decision),
      reason = CASE WHEN v_stage ? 'reason' THEN v_stage->>'reason' ELSE reason END,
      error = CASE WHEN v_stage ? 'error' THEN nullif(v_stage->'error', 'null') ELSE error END,
      outputs = coalesce(v_stage->>'outputs', outputs),
      recheck = coalesce((v_stage->>'recheck')::boolean, recheck),
      attempts = greatest(attempts, coalesce((v_stage->'attempt'->>'number')::integer, 0)),
      started = CASE WHEN v_stage->>'to' = 'running' THEN coalesce(started, clock_timestamp()) ELSE started END,
      ended = CASE WHEN v_stage->>'to' IN ('waiting', 'running') THEN NULL
        WHEN v_stage ? 'to' THEN clock_timestamp() ELSE ended END
      WHERE run = p_run AND key = v_stage->>'key' AND (NOT v_stage ? 'from' OR v_stage->'from' ? status);
    IF NOT FOUND THEN
      SELECT status INTO v_status FROM stage_runs WHERE run = p_run AND key = v_stage->>'key';
      RAISE EXCEPTION 'stage % is %, it cannot become %', v_stage->>'key', v_status, v_stage->>'to'
        USING ERRCODE = 'SW003', DETAIL = 'run-state';
    END IF;
    v_attempt := v_stage->'attempt';
    IF v_attempt IS NOT NULL THEN
      UPDATE attempts SET status = v_attempt->>'status', ended = clock_timestamp(),
          error = nullif(v_attempt->'error', 'null')
        WHERE run = p_run AND stage = v_stage->>'key' AND number = (v_attempt->>'number')::integer;
      IF NOT FOUND THEN
        INSERT INTO attempts (run, stage, number, worker, epoch, fence, status)
          VALUES (p_run, v_stage->>'key', (v_attempt->>'number')::integer, p_fence->>'worker',
            (p_fence->>'epoch')::bigint, (p_fence->>'number')::bigint, v_attempt->>'status');
      END IF;
    END IF;
  END LOOP;
  FOR v_result IN SELECT * FROM jsonb_array_elements(p_change->'results') LOOP
    INSERT INTO host_results (run, stage, host, attempt, outcome, message)
      VALUES (p_run, v_result->>'stage', v_result->>'host', (v_result->>'attempt')::integer,
        v_result->>'outcome', v_result->>'message')
      ON CONFLICT (run, stage, host) DO UPDATE SET attempt = excluded.attempt, outcome = excluded.outcome,
        message = excluded.message, at = clock_timestamp();
  END LOOP;
  IF v_count > 0 THEN
    PERFORM announce_events();
    INSERT INTO events (run, seq, type, stage, attempt, host, message, data)
      SELECT p_run, v_run.seq + position, event->>'type', event->>'stage', (event->>'attempt')::integer,
        event->>'host', event->>'message', nullif(event->'data', 'null')
      FROM jsonb_array_elements(p_change->'events') WITH ORDINALITY AS list (event, position)
      ORDER BY position;
    PERFORM notify_slipway('event', p_run);
  END IF;
  IF p_change ? 'release' THEN
    UPDATE leases SET worker = NULL, owner = NULL, expires = NULL
      WHERE subject_kind = p_fence->>'subject_kind' AND subject_name = p_fence->>'subject_name';
  END IF;
  -- Whoever waits for the lease may take it.
  IF v_to->>'to' = 'queued' OR p_change ? 'cancel' OR p_change ? 'release' THEN
    PERFORM notify_slipway('work', p_run);
  END IF;
  RETURN v_run.seq + v_count;
END $$;
