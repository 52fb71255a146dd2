-- Appends log text. The counter on the run's row makes the numbers visible in their order.
CREATE FUNCTION append_log(p_run text, p_fence jsonb, p_chunks jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_seq bigint;
BEGIN
  IF NOT holds_lease(p_fence) THEN
    PERFORM refuse_fence(p_fence);
  END IF;
  UPDATE runs SET log_seq = log_seq + jsonb_array_length(p_chunks) WHERE id = p_run
    RETURNING log_seq - jsonb_array_length(p_chunks) INTO v_seq;
  INSERT INTO log_chunks (run, seq, stage, attempt, "offset", text)
    SELECT p_run, v_seq + position, chunk->>'stage', (chunk->>'attempt')::integer, (chunk->>'offset')::bigint,
      chunk->>'text'
    FROM jsonb_array_elements(p_chunks) WITH ORDINALITY AS list (chunk, position)
    ON CONFLICT (run, stage, attempt, "offset") DO NOTHING;
  PERFORM notify_slipway('log', p_run);
END $$;
