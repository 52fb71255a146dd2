import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../../temporaryFolder.fixture.ts'
import type { KubespraySource } from '../spec/source.ts'
import { bringSource, pinSource, presentSource } from './bring.ts'
import { writeStandIn } from './standIn.fixture.ts'

const doing = { signal: new AbortController().signal, marker: {} }
let folder: string
let cache: string
beforeEach(() => {
  folder = temporaryFolder()
  cache = join(folder, 'cache')
  vi.stubEnv('XDG_CACHE_HOME', cache)
  onTestFinished(() => void vi.unstubAllEnvs())
})
const sources = () => readdirSync(join(cache, 'slipway/kubespray/sources')).toSorted()
const bring = async (source: KubespraySource) => {
  const pinned = await pinSource(source, doing)
  return { pinned, brought: await bringSource(source, pinned, doing) }
}
const refusal = (source: KubespraySource) =>
  bring(source).then(
    () => 'nothing',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', join(folder, 'repository'), '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args],
    {
      encoding: 'utf8',
    },
  ).trim()
function repository(): string {
  writeStandIn(join(folder, 'repository'))
  git('init', '--quiet', '--initial-branch=master')
  git('add', '.')
  git('commit', '--quiet', '-m', 'one')
  git('tag', '-a', 'v2.31.0', '-m', 'a release')
  return `file://${join(folder, 'repository')}`
}
function archive(name = 'kubespray.tar.gz'): { archive: string; sha256: string } {
  writeStandIn(join(folder, 'packed/kubespray-2.31.0'))
  const path = join(folder, name)
  execFileSync('tar', ['-czf', path, '-C', join(folder, 'packed'), '.'])
  return { archive: path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
}

describe('a folder', () => {
  it('is kept by its content, and tells what it is', async () => {
    const source = { folder: writeStandIn(join(folder, 'mine')) }
    const { pinned, brought } = await bring(source)
    expect(brought).toMatchObject({ version: '2.31.0', kubernetes: ['1.34.1', '1.33.5'] })
    expect(brought.folder).toContain(pinned.id)
    mkdirSync(join(source.folder, '.git'))
    mkdirSync(join(source.folder, '__pycache__'))
    expect((await pinSource(source, doing)).id).toBe(pinned.id)
    appendFileSync(join(source.folder, 'cluster.yml'), '#')
    expect((await pinSource(source, doing)).id).not.toBe(pinned.id)
  })

  it.each<[string, (at: string) => void, RegExp]>([
    ['is not there', at => rmSync(at, { recursive: true }), /^playbooks-missing: .*ENOENT/],
    ['is none', at => (rmSync(at, { recursive: true }), writeFileSync(at, '')), /^playbooks-missing: /],
    [
      'is something else',
      at => writeFileSync(join(at, 'galaxy.yml'), 'name: other\nversion: 1.0.0\n'),
      /is not Kubespray/,
    ],
    ['lacks a playbook', at => rmSync(join(at, 'scale.yml')), /not a whole Kubespray: scale.yml/],
    ['has a link that leads out', at => symlinkSync('/etc/passwd', join(at, 'roles/a')), /the link roles\/a leads out/],
  ])('that %s is refused, and nothing of it is kept', async (_what, change, expected) => {
    const at = writeStandIn(join(folder, 'mine'))
    change(at)
    expect(await refusal({ folder: at })).toMatch(expected)
    expect(existsSync(join(cache, 'slipway/kubespray/sources')) ? sources() : []).toEqual(
      existsSync(join(cache, 'slipway/kubespray/sources')) ? ['.lock'] : [],
    )
  })
})

describe('a repository', () => {
  it('is brought at the commit that its tag leads to, and once', async () => {
    const source = { git: repository(), ref: 'v2.31.0' }
    const commit = git('rev-parse', 'HEAD')
    const { pinned, brought } = await bring(source)
    expect(pinned.id).toBe(`git-${commit}`)
    expect(existsSync(join(brought.folder, '.git'))).toBe(false)
    rmSync(join(folder, 'repository'), { recursive: true })
    expect(await refusal(source)).toMatch(/^playbooks-missing: .*does not answer/)
    expect((await bring({ ...source, commit })).brought.folder).toBe(brought.folder)
  })

  it('a branch that went on still gives the pinned commit; one that never had it is told', async () => {
    const source = { git: repository(), ref: 'master' }
    const commit = git('rev-parse', 'HEAD')
    git('commit', '--quiet', '--allow-empty', '-m', 'two')
    expect((await bring({ ...source, commit })).pinned.id).toBe(`git-${commit}`)
    expect(await refusal({ ...source, commit: '0'.repeat(40) })).toMatch(
      /^playbooks-differ: master .* does not lead to/,
    )
    expect(await refusal({ ...source, ref: 'v9' })).toMatch(/has no tag and no branch v9/)
    expect(sources()).toEqual(['.lock', `git-${commit}`, `git-${commit}.content`])
  })
})

describe('an archive', () => {
  it('is unpacked without the folder that all of it is in', async () => {
    expect((await bring(archive())).brought.version).toBe('2.31.0')
  })

  it('is downloaded, also where it is answered for elsewhere', async () => {
    const packed = archive()
    const server = createServer((request, response) =>
      request.url === '/moved'
        ? response.writeHead(302, { location: '/there' }).end()
        : request.url === '/there'
          ? response.end(readFileSync(packed.archive))
          : response.writeHead(404).end(),
    )
    await new Promise<void>(done => void server.listen(0, '127.0.0.1', done))
    onTestFinished(() => void server.close())
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    expect(await refusal({ ...packed, archive: `${url}/else` })).toMatch(/^playbooks-missing: .*HTTP 404/)
    expect((await bring({ ...packed, archive: `${url}/moved` })).brought.version).toBe('2.31.0')
  })

  it('of another checksum, and what is no archive, are refused', async () => {
    const packed = archive()
    expect(await refusal({ ...packed, sha256: '0'.repeat(64) })).toMatch(/^playbooks-differ: the SHA-256 of .* is /)
    writeFileSync(packed.archive, 'no archive')
    const sha256 = createHash('sha256').update('no archive').digest('hex')
    expect(await refusal({ ...packed, sha256 })).toMatch(/^playbooks-unusable: /)
    expect(await refusal({ ...packed, archive: join(folder, 'nothing') })).toMatch(/^playbooks-missing: /)
    expect(sources()).toEqual(['.lock'])
  })
})

it('what was changed here, or left half by somebody who was killed, is brought anew', async () => {
  const source = { folder: writeStandIn(join(folder, 'mine')) }
  const { pinned, brought } = await bring(source)
  appendFileSync(join(brought.folder, 'cluster.yml'), '# by hand')
  expect(await presentSource(pinned)).toBe(null)
  mkdirSync(join(cache, 'slipway/kubespray/sources/.new-1'))
  rmSync(`${brought.folder}.content`)
  await bring(source)
  expect(readFileSync(join(brought.folder, 'cluster.yml'), 'utf8')).not.toContain('by hand')
  expect(sources()).toEqual(['.lock', pinned.id, `${pinned.id}.content`])
})
