-- Called by a transaction before it draws places for its events: until it ends it holds a lock that says behind which
-- place those will be, and settled_places() lets nobody read further. The lock is shared, so writers never wait for
-- each other; 21335 are the letters SW, by which the key is known among other advisory locks.
CREATE FUNCTION announce_events() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared((21335::bigint << 48) | drawn_places());
END $$;
