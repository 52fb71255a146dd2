import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCluster } from '../../src/store/clusters.ts'
import { databaseAccount } from '../../src/store/embedded/account.ts'
import { processesIn } from '../../src/store/embedded/leftovers.ts'
import { findPrograms } from '../../src/store/embedded/programs.ts'
import { makeSocketFolder, socketName } from '../../src/store/embedded/socketFolder.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { until } from '../until.ts'
import { seedDatabase } from './databaseTemplate.ts'
import { aCluster } from './fixtures.ts'
import { killPostmaster, postmasterOf } from './postmaster.ts'
import { temporaryFolder } from './temporaryFolder.ts'

let home: string
const opened: Store[] = []
beforeEach(async () => {
  home = temporaryFolder('life')
  await seedDatabase(home, 'empty')
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await rm(home, { recursive: true, force: true })
})
const database = (folder = home) => join(folder, 'postgresql')
async function open(folder = home, report: (message: string) => void = () => {}): Promise<Store> {
  const store = await openStore({ folder }, report)
  opened.push(store)
  return store
}
const names = async (store: Store) => (await readCluster(store.database, 'demo')).name
const setting = async (store: Store, name: string) =>
  (await sql<{ value: string }>`SELECT current_setting(${name}) AS value`.execute(store.database)).rows[0]?.value
const openStorePath = JSON.stringify(join(import.meta.dirname, '../../src/store/openStore.ts'))

describe('the embedded database', () => {
  it('forces what is acknowledged to the disk, and checks what it reads', async () => {
    const store = await open()
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'])
      expect(await setting(store, name), name).toBe('on')
  })

  it('cannot be reached but by the user it belongs to', async () => {
    const store = await open()
    expect(await setting(store, 'listen_addresses')).toBe('')
    const folder = makeSocketFolder(home)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, socketName)).mode & 0o777).toBe(0o700)
    const socket = connect(join(folder, socketName))
    await once(socket, 'connect')
    socket.destroy()
    await store.close()
    expect(() => statSync(folder)).toThrow('ENOENT')
  })

  it.each([
    ['with blanks and umlauts', 'Daten von Jürgen; "alle"'],
    ['of 200 characters', 'x'.repeat(200)],
    ['that looks like a shell command', "$(touch gone) 'a' `b` \\ %m"],
  ])('is made and opened on a path %s', async (_what, name) => {
    const folder = join(home, name)
    const store = await open(folder)
    await aCluster(store)
    await store.close()
    expect(await names(await open(folder))).toBe('demo')
  })

  it('is not taken for one that has been made when its making was killed', async () => {
    const folder = join(home, 'fresh')
    await mkdir(folder)
    const program = `await (await import(${openStorePath})).openStore({ folder: ${JSON.stringify(folder)} })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    await until('it is being made', () => readdirSync(folder).some(entry => entry.startsWith('postgresql.being-made')))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await setting(await open(folder), 'fsync')).toBe('on')
    expect(readdirSync(folder).filter(entry => entry.includes('being-made'))).toEqual([])
  })
})

describe.each(['SIGTERM', 'SIGINT'] as const)('%s while the embedded database is made', signal => {
  it('leaves neither the folder of its socket nor a database behind, and ends as it is asked to', async () => {
    const folder = join(home, 'fresh')
    await mkdir(folder)
    const socketFolder = makeSocketFolder(folder)
    const program = `await (await import(${openStorePath})).openStore({ folder: ${JSON.stringify(folder)} })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    await until('it is being made', () => readdirSync(folder).some(entry => entry.startsWith('postgresql.being-made')))
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([null, signal])
    expect(existsSync(socketFolder)).toBe(false)
    expect(existsSync(database(folder))).toBe(false)
  })
})

describe('the life of the embedded database', () => {
  it('ends with the store, and with a process that is killed', async () => {
    const store = await open()
    expect(processesIn(database())).not.toEqual([])
    await store.close()
    expect(processesIn(database())).toEqual([])
    const program = `await (await import(${openStorePath})).openStore({ folder: ${JSON.stringify(home)} })
      console.log('open')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(processesIn(database())).not.toEqual([])
    child.kill('SIGKILL')
    await until('it has ended', () => processesIn(database()).length === 0)
  })

  it('of one that outlived its Slipway is ended by the next start', async () => {
    await (await open()).close()
    const socketFolder = makeSocketFolder(home)
    const [command = '', ...rest] = [
      'flock',
      '--no-fork',
      '.',
      ...databaseAccount().before,
      findPrograms(socketFolder).postgres,
      '-D',
      '.',
      ...['listen_addresses=', `unix_socket_directories=${socketFolder}`].flatMap(setting => ['-c', setting]),
    ]
    const orphan = spawn(command, rest, { cwd: database(), detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(orphan, 'exit')
    let said = ''
    orphan.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await until('the orphan works', () => said.includes('ready to accept connections'))
    const told: string[] = []
    const store = await open(home, message => told.push(message))
    await ended
    await aCluster(store)
    expect(told).toEqual(['the database of an earlier start is still being ended'])
    expect(processesIn(database())).not.toContain(orphan.pid)
  })

  const ofAnother = `${process.pid}\n/nowhere\n0\n5432\n\n\n`
  const ofDatabase = () => join(database(), 'postmaster.pid')
  const ofSocket = () => join(makeSocketFolder(home), `${socketName}.lock`)
  it.each([
    ['whose number belongs to another process by now', ofAnother, ofDatabase],
    ['of its socket whose number belongs to another process by now', ofAnother, ofSocket],
    ['that is empty: it was killed before it had written it', '', ofDatabase],
    ['of its socket that is empty', '', ofSocket],
    ['without a number', 'x', ofDatabase],
  ])('begins although it has left a lock file %s', async (_what, content, file) => {
    await writeFile(file(), content)
    expect(await setting(await open(), 'fsync')).toBe('on')
  })

  it('goes on after it was killed, without loss of what was acknowledged', async () => {
    const told: string[] = []
    const store = await open(home, message => told.push(message))
    await aCluster(store)
    const recoveries = () => told.filter(message => message.includes('recovers')).length
    for (let round = 0; round < 2; round++) {
      const before = await killPostmaster(database())
      await until('it is started again', () => ![null, before].includes(postmasterOf(database())))
      // A process of the one that was killed may live for a moment longer, and answer.
      await until('it has recovered', () => recoveries() > round)
      await until('it answers again', () => names(store).then(name => name === 'demo', unavailable))
    }
    expect(told.filter(message => message.includes('SIGKILL'))).toHaveLength(2)
    expect(recoveries()).toBe(2)
  })

  it('goes on after it was killed again while it recovered, and is not taken for damaged', async () => {
    const told: string[] = []
    const store = await open(home, message => told.push(message))
    await aCluster(store)
    for (let kills = 0, last = 0; kills < 4; kills++) last = await killPostmaster(database(), last)
    await until('an answer', () =>
      names(store).then(
        name => name === 'demo',
        () => false,
      ),
    )
    expect(await Promise.race([store.died, 'alive'])).toBe('alive')
    expect(told.join('\n')).toContain('is started again')
  })

  it('goes on after one of its connections was killed', async () => {
    const store = await open()
    await aCluster(store)
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(store.database)
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
    await until('it answers again', () => names(store).then(name => name === 'demo', unavailable))
  })

  it('answers what is read while it is killed, more at once than it has connections', async () => {
    const store = await open()
    await aCluster(store)
    const reads = Array.from({ length: 20 }, () => names(store))
    await killPostmaster(database())
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['demo']))
    expect(await names(store)).toBe('demo')
  })

  it('is over when it cannot be started again, and that is told; what was there is there at the next opening', async () => {
    const store = await open()
    await aCluster(store)
    renameSync(database(), `${database()}.away`)
    await killPostmaster(`${database()}.away`)
    expect(await store.died).toMatchObject({ message: expect.stringContaining('the embedded database has died') })
    // A process of the database that outlives its parent for a moment may still answer.
    await until('nothing of it is left', () =>
      names(store).then(
        () => false,
        error => !unavailable(error),
      ),
    )
    const asked = performance.now()
    await expect(names(store)).rejects.toMatchObject({ code: 'database-unavailable' })
    expect(performance.now() - asked).toBeLessThan(2_000)
    await store.close()
    renameSync(`${database()}.away`, database())
    expect(await names(await open())).toBe('demo')
  })
})

/** While it is started again. */
const unavailable = (error: unknown): false => {
  expect(error).toMatchObject({ code: 'database-unavailable' })
  return false
}
