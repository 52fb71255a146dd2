-- Up to which place the order of all events is settled: whatever is read afterwards, by another statement, lacks no
-- event up to there, and none will come. Places are drawn in one order and committed in another; but who has drawn one
-- up to `drawn` had announced it before, and either holds that lock still when the locks are looked at, or has ended,
-- and then what he wrote is seen by every later statement. The order of the two looks is what this rests on.
CREATE FUNCTION settled_places(OUT settled bigint, OUT drawn bigint) LANGUAGE plpgsql AS $$
BEGIN
  drawn := drawn_places();
  SELECT least(drawn, min(((classid::bigint & 65535) << 32) | objid::bigint)) INTO settled FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 21335
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
END $$;
