-- Takes the oldest run that waits for a worker, with its subject's lease: one that nobody holds, whose time is
-- over, or whose holder was proven dead by the caller. The number grows with every claim.
CREATE FUNCTION claim_run(p_worker text, p_owner jsonb, p_ttl_ms integer, p_dead jsonb)
RETURNS TABLE (run text, subject_kind text, subject_name text, epoch bigint, number bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_run text;
  v_kind text;
  v_name text;
BEGIN
  SELECT r.id, r.subject_kind, r.subject_name INTO v_run, v_kind, v_name
    FROM runs r JOIN leases l USING (subject_kind, subject_name)
    WHERE r.status IN ('queued', 'running')
      AND (l.worker IS NULL OR l.expires <= clock_timestamp() OR p_dead ? l.worker)
    ORDER BY r.created LIMIT 1 FOR UPDATE OF l SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY UPDATE leases l SET
      number = l.number + 1,
      epoch = (SELECT i.epoch FROM installation i),
      worker = p_worker, owner = p_owner, taken = clock_timestamp(),
      expires = clock_timestamp() + p_ttl_ms * interval '1 ms'
    WHERE l.subject_kind = v_kind AND l.subject_name = v_name
    RETURNING v_run, l.subject_kind, l.subject_name, l.epoch, l.number;
END $$;
