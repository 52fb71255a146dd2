-- Keeps the lease's row until the transaction ends, so that no takeover can slip in between check and write.
CREATE FUNCTION holds_lease(p_fence jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM leases WHERE subject_kind = p_fence->>'subject_kind' AND subject_name = p_fence->>'subject_name'
    AND worker = p_fence->>'worker'
    AND epoch = (p_fence->>'epoch')::bigint AND number = (p_fence->>'number')::bigint FOR SHARE;
  RETURN FOUND;
END $$;
