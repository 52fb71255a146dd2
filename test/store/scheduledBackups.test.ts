import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBackup } from '../../src/store/backup/backupFile.ts'
import { checkBackup } from '../../src/store/backup/readBackup.ts'
import type { Store } from '../../src/store/openStore.ts'
import { type BackupSchedule, scheduleBackups, type ScheduledBackups } from '../../src/server/scheduledBackups.ts'
import { until } from '../until.ts'
import { createEmbedded, type TestDatabase } from './databases.ts'
import { aCluster } from './fixtures.ts'
import { temporaryFolder } from './temporaryFolder.ts'

let database: TestDatabase
let store: Store
let folder: string
let running: ScheduledBackups | undefined
const said: string[] = []
beforeEach(async () => {
  said.length = 0
  database = await createEmbedded()
  store = await database.open()
  folder = join(temporaryFolder('backups'), 'backups')
})
afterEach(async () => {
  await running?.stop()
  await store.close()
  await database.remove()
})
const start = (schedule: Partial<BackupSchedule> = {}): void => {
  const log = (_: object, message: string) => void said.push(message)
  running = scheduleBackups(store, '1.2.3', { folder, keep: 7, ...schedule }, { info: log, error: log })
}
const hour = 3600 * 1000
const nameAt = (time: number): string =>
  `slipway-${new Date(time).toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`
const place = (...ages: readonly number[]): string[] => {
  mkdirSync(folder, { recursive: true })
  const names = ages.map(age => nameAt(Date.now() - age * hour))
  for (const name of names) writeFileSync(join(folder, name), '')
  return names
}
const backups = (): string[] => readdirSync(folder).toSorted()

it('the first is taken at once, for its owner alone, and the next one a day later', async () => {
  await aCluster(store)
  start()
  await until('the first backup', () => said.length > 0)
  expect(said).toEqual(['database backed up'])
  const [name = ''] = backups()
  expect(backups()).toEqual([name])
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(await checkBackup(openBackup(join(folder, name)))).toMatchObject({ header: { version: '1.2.3' } })
  // After a start the newest one counts.
  await running?.stop()
  start()
  await running?.stop()
  expect(backups()).toEqual([name])
})

it('the newest are kept, and whatever else is in the folder', async () => {
  await aCluster(store)
  const [oldest, ...newer] = place(100, 60, 25)
  writeFileSync(join(folder, 'mine.backup'), '')
  start({ keep: 3 })
  await until('the backup', () => said.length > 0)
  await until('the oldest to go', () => !backups().includes(oldest ?? ''))
  expect(backups()).toEqual(expect.arrayContaining([...newer, 'mine.backup']))
  expect(backups()).toHaveLength(4)
})

it('one that is younger than a day, and a clock that was wrong, are told apart', async () => {
  await aCluster(store)
  place(23)
  start()
  await running?.stop()
  expect(said).toEqual([])
  // From the future: it says nothing of the last day.
  place(-1000)
  start({ every: 22 * hour })
  await until('the backup', () => said.length > 0)
  expect(said).toEqual(['database backed up'])
})

it('none is taken before there is a cluster', async () => {
  start({ every: 20 })
  const before = Date.now()
  await aCluster(store)
  await until('the backup', () => said.length > 0)
  const { header } = await checkBackup(openBackup(join(folder, backups()[0] ?? '')))
  expect(Date.parse(header.taken)).toBeGreaterThanOrEqual(before)
})

it('a folder that cannot be written is told, and tried again', async () => {
  await aCluster(store)
  writeFileSync(folder, '')
  start({ again: 20 })
  await until('the second try', () => said.length > 1)
  expect(new Set(said)).toEqual(new Set(['the database could not be backed up']))
})
