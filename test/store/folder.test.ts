import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from '../../src/store/folderLock.ts'
import { openStore } from '../../src/store/openStore.ts'
import { createEmbedded, type TestDatabase } from './databases.ts'
import { aCluster } from './fixtures.ts'
import { readCluster } from '../../src/store/clusters.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const holderProgram = `
  import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/folderLock.ts'))}
  lockFolder(process.argv[1]).announce('http://127.0.0.1:7070')
  console.log('held')
  setInterval(() => {}, 1000)`

/** Another process that holds the folder. */
async function holder(folder: string): Promise<{ readonly pid: number | undefined; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', holderProgram, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => child.stdout.once('data', resolve))
  return {
    pid: child.pid,
    kill: () =>
      new Promise(resolve => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

describe('the lock of a data folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = temporaryFolder('lock')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('refuses a second process at once, and names the holder and how to reach it', async () => {
    const other = await holder(folder)
    try {
      const before = performance.now()
      await expect(openStore({ folder })).rejects.toMatchObject({
        code: 'folder-in-use',
        message: expect.stringMatching(new RegExp(`process ${other.pid} .*http://127.0.0.1:7070`)),
        facts: { folder, pid: other.pid ?? null, url: 'http://127.0.0.1:7070' },
      })
      expect(performance.now() - before).toBeLessThan(1500)
    } finally {
      await other.kill()
    }
  })

  it('is free the moment its holder was killed', async () => {
    const other = await holder(folder)
    await other.kill()
    lockFolder(folder).release()
  })

  it('is not kept by a child that outlives the holder', async () => {
    const lock = lockFolder(folder)
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      lock.release()
      lockFolder(folder).release()
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('refuses a second opening in the same process, and is free again after the first is closed', async () => {
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'folder-in-use' }))
    lock.release()
    lockFolder(folder).release()
  })

  it('says so when what the lock file says is damaged', async () => {
    const other = await holder(folder)
    try {
      await writeFile(join(folder, 'lock'), 'no JSON')
      expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ facts: { folder, pid: null, url: null } }))
    } finally {
      await other.kill()
    }
  })
})

describe('the embedded database', () => {
  const opens = async (folder: string) => {
    const store = await openStore({ folder })
    await store.close()
    return true
  }

  it('opens after a start was killed when it had just made its pid file', async () => {
    const place = await createEmbedded()
    try {
      await writeFile(join(place.location.folder, 'postgresql', 'postmaster.pid'), '')
      expect(await opens(place.location.folder)).toBe(true)
    } finally {
      await place.remove()
    }
  })

  it('is made anew after its first start was killed in the middle', async () => {
    const place = temporaryFolder('halfmade')
    const folder = join(place, 'home')
    const program = join(place, 'start.ts')
    try {
      await mkdir(folder)
      await writeFile(
        program,
        `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/openStore.ts'))}
        await openStore({ folder: process.argv[2] ?? '' })`,
      )
      const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'ignore', 'inherit'] })
      const ended = once(child, 'exit')
      const isBeingMade = () => readdirSync(folder).some(name => name.startsWith('postgresql.being-made'))
      while (!isBeingMade() && child.exitCode === null) await turn()
      child.kill('SIGKILL')
      await ended
      expect(child.signalCode).toBe('SIGKILL')
      expect(await opens(folder)).toBe(true)
      expect(await opens(folder)).toBe(true)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  })
})

describe('an installation', () => {
  let database: TestDatabase
  let folder: string
  beforeEach(async () => {
    const made = await createEmbedded()
    database = made
    folder = made.location.folder
  })
  afterEach(() => database.remove())
  const epoch = async (at = folder): Promise<number> => {
    const store = await openStore({ folder: at })
    await store.close()
    return store.installation.epoch
  }

  it('keeps its epoch when it is opened again, also after kill -9', async () => {
    expect(await epoch()).toBe(1)
    expect(await epoch()).toBe(1)
    const program = `
      import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/openStore.ts'))}
      await openStore({ folder: process.argv[1] })
      process.kill(process.pid, 'SIGKILL')`
    spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program, folder])
    expect(await epoch()).toBe(1)
  })

  it('has a higher epoch in each copy of its folder, no two the same, and keeps the data', async () => {
    const store = await openStore({ folder })
    await aCluster(store)
    await store.close()
    const copies = temporaryFolder('copies')
    try {
      const epochs = [await epoch()]
      for (const name of ['first', 'second']) {
        const copy = join(copies, name)
        await cp(folder, copy, { recursive: true, preserveTimestamps: true })
        const copied = await openStore({ folder: copy })
        expect(copied.installation.id).toBe(store.installation.id)
        expect((await readCluster(copied.database, 'demo')).name).toBe('demo')
        await copied.close()
        expect(copied.installation.epoch).toBeGreaterThan(epochs.at(-1) ?? 0)
        epochs.push(copied.installation.epoch)
        expect(await epoch(copy)).toBe(copied.installation.epoch)
      }
    } finally {
      await rm(copies, { recursive: true, force: true })
    }
  })

  it('raises the epoch when an older state of the database was put back in its place', async () => {
    await epoch()
    const backup = temporaryFolder('backup')
    try {
      await cp(join(folder, 'postgresql'), join(backup, 'postgresql'), { recursive: true })
      await epoch()
      await rename(join(folder, 'postgresql'), join(backup, 'newer'))
      await cp(join(backup, 'postgresql'), join(folder, 'postgresql'), { recursive: true })
      const raised = await epoch()
      expect(raised).toBeGreaterThan(1)
      expect(await epoch()).toBe(raised)
    } finally {
      await rm(backup, { recursive: true, force: true })
    }
  })

  it('keeps an identity beside the database', async () => {
    await epoch()
    expect((await readFile(join(folder, 'identity'), 'utf8')).trim()).toMatch(/^[0-9a-f-]{36}$/)
  })
})
