import { describe, expect, it } from 'vitest'
import { controlsTransaction, needsNoTransaction, placeIn, splitStatements, takesRows } from './statements.ts'

const textsOf = (sql: string) => {
  const split = splitStatements(sql)
  return split.ok ? split.statements.map(({ text }) => text) : `${split.kind} at ${split.start}`
}

describe('statements are told apart', () => {
  it.each([
    ['a semicolon ends one', 'select 1; select 2', ['select 1', 'select 2']],
    ['nothing is none', ' ;; -- only this\n;/* and */ ', []],
    ['in texts', `select 'a;''b'; select E'it\\'s;'`, [`select 'a;''b'`, `select E'it\\'s;'`]],
    ['in names', 'create table "a;""b" (); select 1', ['create table "a;""b" ()', 'select 1']],
    [
      'in comments, which nest',
      'select 1 /* ; /* ; */ ; */ -- ;\n; select 2',
      ['select 1 /* ; /* ; */ ; */ -- ;', 'select 2'],
    ],
    [
      'in dollar quotes',
      'do $$ begin; $x$ ; end $$; do $x$ $$ ; $x$',
      ['do $$ begin; $x$ ; end $$', 'do $x$ $$ ; $x$'],
    ],
    [
      'in parentheses',
      'create rule r as on insert to t do (select 1; select 2); select 3',
      ['create rule r as on insert to t do (select 1; select 2)', 'select 3'],
    ],
    ['a backslash ends no text', `select '\\'; select 2`, [`select '\\'`, 'select 2']],
    ['a dollar in a name opens nothing', 'select a$b$c; select $1', ['select a$b$c', 'select $1']],
    [
      'functions in SQL',
      'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
      [
        'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end',
        'select 3',
      ],
    ],
  ])('%s', (_what, sql, texts) => expect(textsOf(sql)).toEqual(texts))

  it.each([
    ["select 'a; select 2", 7],
    ['select "a', 7],
    ["select E'a\\'", 7],
    ['select /* a /* b */', 7],
    ['select $x$ a $$', 7],
    ['select (1; select 2', 7],
    ['create function f() begin atomic select 1;', 0],
  ])('what is not closed is told by where it begins: %s', (sql, at) => expect(textsOf(sql)).toBe(`unclosed at ${at}`))

  it('a command of psql is none', () => expect(textsOf("select '\\i'; \\i other.sql")).toBe('psql at 13'))

  it('a text of a megabyte is one', () => {
    const text = `select '${'a'.repeat(1_000_000)}''${'b\n'.repeat(100_000)}'`
    expect(textsOf(`${text};select 2`)).toEqual([text, 'select 2'])
  })
})

const only = (sql: string) => {
  const split = splitStatements(sql)
  if (!split.ok || split.statements[0] === undefined) throw new Error(sql)
  return split.statements[0]
}
it.each([
  'begin',
  'BEGIN work',
  'start transaction',
  'commit',
  'end',
  'abort',
  'rollback',
  "Commit prepared 'x'",
  "prepare transaction 'x'",
])('a transaction begins or ends with %s', sql => expect(controlsTransaction(only(sql))).toBe(true))
it.each([
  'rollback to a',
  'rollback to savepoint a',
  'savepoint a',
  'prepare a as select 1',
  'set transaction read only',
  'do $$ begin end $$',
  '"commit"',
])('no transaction begins or ends with %s', sql => expect(controlsTransaction(only(sql))).toBe(false))
it.each([
  'create index concurrently a on b (c)',
  'CREATE UNIQUE INDEX CONCURRENTLY ON b (c)',
  'drop index concurrently a',
  'reindex table concurrently a',
  'vacuum full',
  'create database a',
  'alter system set a = b',
])('PostgreSQL runs it in no transaction: %s', sql => expect(needsNoTransaction(only(sql))).toBe(true))
it.each([
  'create index concurrently_a on b (c)',
  'create index "concurrently" on b (c)',
  'reindex table a',
  'drop index a',
  'create table database ()',
])('PostgreSQL runs it in a transaction: %s', sql => expect(needsNoTransaction(only(sql))).toBe(false))
it('rows are waited for where COPY says so', () => {
  expect(takesRows(only('copy "a" (b, c) from stdin with (format csv)'))).toBe(true)
  expect(takesRows(only("copy a from '/file'"))).toBe(false)
  expect(takesRows(only("insert into copy values ('from stdin')"))).toBe(false)
})
it('places are told by lines and signs', () => {
  expect(placeIn('a\n🚢b', 4)).toEqual({ line: 2, column: 2 })
  expect(placeIn('', 0)).toEqual({ line: 1, column: 1 })
})
