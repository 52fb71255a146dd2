-- Takes the oldest run that waits for a worker, with its subject's lease: one that nobody holds, whose time is
-- over, or whose holder was proven dead by the caller. The number grows with every claim.
CREATE FUNCTION claim_run(p_worker text, p_owner jsonb, p_ttl_ms integer, p_dead jsonb)
RETURNS TABLE (run text, subject text, epoch bigint, number bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_run text;
  v_subject text;
BEGIN
  SELECT r.id, l.subject INTO v_run, v_subject FROM runs r JOIN leases l ON l.subject = r.cluster
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
    WHERE l.subject = v_subject
    RETURNING v_run, l.subject, l.epoch, l.number;
END $$;
