/**
 * How values arrive: 64-bit counters as numbers (ours stay far below 2^53), times as
 * ISO 8601 text in UTC. Keys are PostgreSQL's type ids (pg_type.oid).
 */
export const parsers: Record<number, (text: string) => unknown> = {
  20: text => Number(text),
  1184: text => new Date(text).toISOString(),
}
