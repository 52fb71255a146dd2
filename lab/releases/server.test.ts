import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ReleaseServer, startReleaseServer } from './server.ts'

const tarball = 'x'.repeat(50_000)
let folder = ''
let server: ReleaseServer
const faults = () => join(folder, 'faults.json')
const get = (path: string) => fetch(`${server.url}/${path}`)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'releases-'))
  mkdirSync(join(folder, 'v1.34.1+rke2r1'))
  writeFileSync(join(folder, 'v1.34.1+rke2r1/rke2.linux-amd64.tar.gz'), tarball)
  writeFileSync(join(folder, 'v1.34.1+rke2r1/sha256sum-amd64.txt'), `${'a'.repeat(64)}  rke2.linux-amd64.tar.gz\n`)
  writeFileSync(join(folder, 'secret'), 'not a release')
  server = await startReleaseServer({ host: '127.0.0.1', port: 0, directory: folder, faultsFile: faults() })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

describe('the release server', () => {
  it('serves files under the version, its plus sign encoded', async () => {
    const answer = await get('v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(tarball)
  })

  it.each([
    '',
    'secret',
    'v9.9.9%2Brke2r1/rke2.linux-amd64.tar.gz',
    'v1.34.1%2Brke2r1',
    'v1.34.1%2Brke2r1/..%2F..%2Fsecret',
  ])('answers 404 for %j', async path => {
    expect((await get(path)).status).toBe(404)
  })

  it('can serve wrong sums, a cut file, an error or a slow line, by query or by file', async () => {
    expect(await (await get('v1.34.1%2Brke2r1/sha256sum-amd64.txt?fault=wrong-checksum')).text()).toBe(
      `${'0'.repeat(64)}  rke2.linux-amd64.tar.gz\n`,
    )
    await expect((await get('v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz?fault=cut')).text()).rejects.toThrow()
    const began = performance.now()
    expect(await (await get('v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz?fault=slow:100000')).text()).toBe(tarball)
    expect(performance.now() - began).toBeGreaterThan(400)

    writeFileSync(faults(), JSON.stringify({ 'rke2.linux-amd64.tar.gz': 'status:503' }))
    expect((await get('v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz')).status).toBe(503)
    expect((await get('v1.34.1%2Brke2r1/sha256sum-amd64.txt')).status).toBe(200)
    rmSync(faults())
    expect((await get('v1.34.1%2Brke2r1/rke2.linux-amd64.tar.gz')).status).toBe(200)
  })
})
