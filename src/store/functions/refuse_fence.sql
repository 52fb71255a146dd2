CREATE FUNCTION refuse_fence(p_fence jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'worker % no longer holds % %', p_fence->>'worker', p_fence->>'subject_kind', p_fence->>'subject_name'
    USING ERRCODE = 'SW001', DETAIL = 'lease-lost';
END $$;
