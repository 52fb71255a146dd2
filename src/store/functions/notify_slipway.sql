CREATE FUNCTION notify_slipway(p_kind text, p_run text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('slipway', p_kind || ' ' || p_run)
$$;
