import type { Migration } from '../migration.ts'
import { runFunctions } from './0003_run_functions.ts'

/** From here on the functions are files (../functions), made anew whenever they differ from what is on record here. */
const dropRecorded = `DO $$
DECLARE
  v_function regprocedure;
BEGIN
  FOR v_function IN SELECT p.oid FROM pg_proc p JOIN schema_functions f ON f.name = p.proname
    WHERE p.pronamespace = current_schema()::regnamespace
  LOOP
    EXECUTE 'DROP FUNCTION ' || v_function;
  END LOOP;
END $$`

export const functionsAsFiles: Migration = {
  number: 7,
  name: 'functions are kept as files',
  up: [
    `CREATE TABLE schema_functions (
      name text PRIMARY KEY, checksum text NOT NULL, applied timestamptz NOT NULL DEFAULT now())`,
    ...runFunctions.down,
  ],
  down: [dropRecorded, 'DROP TABLE schema_functions', ...runFunctions.up],
}
