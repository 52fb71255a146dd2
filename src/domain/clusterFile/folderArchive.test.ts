import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { packFolder, readFolderArchive } from './folderArchive.ts'

const rules = { mostFiles: 3, mostBytes: 1000 }
const file = (path: string, text = path) => ({ path, contents: Buffer.from(text) })
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const told = (archive: string | Uint8Array, own: Parameters<typeof readFolderArchive>[1] = rules) => {
  const reading = readFolderArchive(typeof archive === 'string' ? archive : base64(archive), own)
  return reading.ok
    ? reading.value.map(({ path, contents }) => `${path}=${Buffer.from(contents)}`)
    : `${reading.fault.name}: ${reading.fault.message}`
}

it('files come back as they were packed, and are packed alike in whatever order they come', () => {
  const long = `${'a'.repeat(90)}/${'ü'.repeat(120)}.sql`
  const files = [file(long), file('b/c.sql', ''), file('a.sql', 'x'.repeat(513))]
  expect(told(packFolder(files))).toEqual(['a.sql=' + 'x'.repeat(513), `${long}=${long}`, 'b/c.sql='])
  expect(base64(packFolder(files))).toBe(base64(packFolder(files.toReversed())))
})

it('another tar reads them', () => {
  const packed = packFolder([file('a.sql'), file('b/c.sql')])
  expect(execFileSync('tar', ['-tzvf', '-'], { input: packed, encoding: 'utf8' }).replaceAll(/ +/g, ' ')).toBe(
    '-rw-r--r-- 0/0 5 1970-01-01 00:00 a.sql\n-rw-r--r-- 0/0 7 1970-01-01 00:00 b/c.sql\n',
  )
})

it('an archive of another tar is read; links in it are refused, and what Git keeps is left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['.git', 'below']) mkdirSync(join(folder, name))
  for (const name of ['.git/config', '.hidden', 'a.sql', 'below/b.md']) writeFileSync(join(folder, name), name)
  const packed = () => execFileSync('tar', ['-czf', '-', '-C', folder, '.'])
  expect(told(packed())).toEqual(['a.sql=a.sql', 'below/b.md=below/b.md'])
  expect(told(packed(), { ...rules, hidden: true })).toEqual([
    '.hidden=.hidden',
    'a.sql=a.sql',
    'below/b.md=below/b.md',
  ])
  expect(told(packed(), { ...rules, takes: path => path.endsWith('.sql') })).toEqual(['a.sql=a.sql'])
  symlinkSync('/etc/passwd', join(folder, 'c.sql'))
  expect(told(packed())).toBe('folder-no-archive: "c.sql" in it is no file and no folder (SymbolicLink)')
})

const tarOf = (path: string) => {
  const tar = gunzipSync(packFolder([file('x'.repeat(path.length))]))
  tar.write(path, 0)
  let sum = 8 * 32
  for (const [at, byte] of tar.subarray(0, 512).entries()) if (at < 148 || at >= 156) sum += byte
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return gzipSync(tar)
}
it.each([
  ['no archive', 'AAAA'],
  ['no base64', '§§§'],
  ['cut off', base64(packFolder([file('a')]).subarray(0, 40))],
  ['something else that is compressed', base64(gzipSync('x'.repeat(2000)))],
  ['what unpacks to more than is taken', base64(gzipSync(Buffer.alloc(100_000_000)))],
  ['a path that leads out', base64(tarOf('../a.sql'))],
  ['an absolute path', base64(tarOf('/etc/a'))],
  ['a path of Windows', base64(tarOf('a\\..\\b'))],
])('what is no archive of a folder is refused: %s', (_what, archive) =>
  expect(told(archive)).toMatch(/^folder-no-archive: /),
)

it('too many files, too many bytes, and none are told apart', () => {
  expect(told(packFolder(['a', 'b', 'c', 'd'].map(name => file(name))))).toMatch(/^folder-too-large: it has 4 files/)
  expect(told(packFolder([file('a', 'x'.repeat(1001))]))).toMatch(/^folder-too-large: its files have 1001 bytes/)
  expect(told(packFolder([file('a')]), { ...rules, takes: () => false })).toBe(
    'folder-empty: it has no file that is meant',
  )
})
