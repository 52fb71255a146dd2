import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { SlipwayError } from '../../../domain/errors.ts'
import { cacheFolder } from '../../../processes/cacheFolder.ts'
import { withFileLock } from '../../../processes/fileLock.ts'
import type { KubespraySource } from '../spec/source.ts'
import { unpackArchive } from './archive.ts'
import { contentOf, isLeftOut } from './content.ts'
import type { Doing } from './doing.ts'
import { commitOf, fetchCommit } from './git.ts'
import { judge, type Kubespray } from './judge.ts'

/** A source of which is known what it holds. */
export interface PinnedSource {
  /** What it is kept under: the same bytes, the same name. */
  readonly id: string
  /** `v2.31.0 of https://… (commit 1a2b3c4d)` */
  readonly told: string
}

/** ms: another process may be bringing something, or building an environment. */
export const patience = 20 * 60_000
export const kubesprayCache = (): string => join(cacheFolder(), 'kubespray')
const place = (id: string): string => join(kubesprayCache(), 'sources', id)

/** What the source is now. Reads only. @throws SlipwayError as `commitOf` and `contentOf`. */
export async function pinSource(source: KubespraySource, doing: Doing): Promise<PinnedSource> {
  if ('git' in source) {
    const commit = source.commit ?? (await commitOf(source, doing))
    return { id: `git-${commit}`, told: `${source.ref} of ${source.git} (commit ${commit.slice(0, 12)})` }
  }
  if ('archive' in source) return { id: `archive-${source.sha256}`, told: source.archive }
  const content = await contentOf(source.folder)
  return { id: `folder-${content}`, told: `${source.folder} (content ${content.slice(0, 12)})` }
}

/**
 * What was brought here before; null where it was not, or was changed since.
 * @throws SlipwayError `playbooks-unusable` where it is not Kubespray.
 */
export async function presentSource({ id, told }: PinnedSource): Promise<Kubespray | null> {
  const noted = await readFile(`${place(id)}.content`, 'utf8').catch(() => null)
  if (noted === null) return null
  const content = await contentOf(place(id)).catch(() => null)
  return content === noted.trim() ? judge(place(id), told) : null
}

/** The folder of a source that is a folder is judged before anything is copied. */
export const judgeFolder = (source: KubespraySource, { told }: PinnedSource): Promise<Kubespray> | null =>
  'folder' in source ? judge(source.folder, told) : null

/**
 * Brings a source to this machine, unless it is here. Whoever is killed meanwhile leaves nothing that could be taken for
 * it: it gets its name when it is whole, and its content is noted last.
 * @throws SlipwayError `playbooks-missing`, `playbooks-differ`, `playbooks-unusable`, `tool-missing`; `lease-held` where another
 * process is at it for too long.
 */
export async function bringSource(source: KubespraySource, pinned: PinnedSource, doing: Doing): Promise<Kubespray> {
  return underLock('sources', doing, async folder => {
    const present = await presentSource(pinned)
    if (present) return present
    // Nobody else is at it: what lies there half-made was left by somebody who was killed.
    const left = (await readdir(folder)).filter(name => name.startsWith('.new-') || name === pinned.id)
    for (const name of [...left, `${pinned.id}.content`]) await rm(join(folder, name), { recursive: true, force: true })
    const work = join(folder, `.new-${process.pid}`)
    await mkdir(work)
    try {
      const top = await brought(source, pinned, work, doing)
      await judge(top, pinned.told)
      await rename(top, place(pinned.id))
      const content = await contentOf(place(pinned.id))
      if (pinned.id.startsWith('folder-') && pinned.id !== `folder-${content}`)
        throw new SlipwayError('playbooks-differ', `${pinned.told} was changed while it was copied`)
      await writeFile(`${place(pinned.id)}.content`, `${content}\n`)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    return judge(place(pinned.id), pinned.told)
  })
}

/** Gives the folder in which its files are. */
async function brought(source: KubespraySource, { id }: PinnedSource, work: string, doing: Doing): Promise<string> {
  const into = join(work, 'files')
  if ('git' in source) {
    await fetchCommit(source, id.replace(/^git-/, ''), into, doing)
    await rm(join(into, '.git'), { recursive: true })
    return into
  }
  if ('archive' in source) return unpackArchive(source, into, join(work, 'archive'), doing)
  await cp(source.folder, into, { recursive: true, verbatimSymlinks: true, filter: path => !isLeftOut(basename(path)) })
  return into
}

/** @throws SlipwayError `lease-held` when others had it for all of `patience`. */
export async function underLock<Result>(
  name: string,
  { signal }: Doing,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(kubesprayCache(), name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const held = await withFileLock(join(folder, '.lock'), { patience, signal }, () => work(folder))
  if (held) return held.result
  throw new SlipwayError('lease-held', `another process has been working in ${folder} for ${patience / 60_000} minutes`)
}
