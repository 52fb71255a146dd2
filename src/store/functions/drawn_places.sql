-- The last place in the order of all events that was given away, whether it is committed, will be, or never is.
CREATE FUNCTION drawn_places() RETURNS bigint LANGUAGE sql AS $$
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_place_seq
$$;
