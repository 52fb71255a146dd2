import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { x } from 'tar'
import { SlipwayError } from '../../../domain/errors.ts'
import { isUrl } from '../spec/source.ts'
import { missing, unusable } from './content.ts'
import type { Doing } from './doing.ts'

interface ArchiveSource {
  readonly archive: string
  readonly sha256: string
}

/** Of Kubespray some 3 MB. */
const mostBytes = 200 * 1024 * 1024

/**
 * Copies or downloads an archive, and unpacks it into a new folder.
 * @param scratch a file to be written meanwhile.
 * @throws SlipwayError `playbooks-missing`, `playbooks-differ` for another checksum, `playbooks-unusable` for what is no archive.
 */
export async function unpackArchive(
  { archive, sha256 }: ArchiveSource,
  into: string,
  scratch: string,
  { signal }: Doing,
): Promise<string> {
  const hash = createHash('sha256')
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      read += chunk.length
      done(read > mostBytes ? unusable(`${archive} has more than ${mostBytes} bytes`) : null, chunk)
    },
  })
  let read = 0
  try {
    await pipeline(await opened(archive, signal), counted, createWriteStream(scratch, { flags: 'wx' }), { signal })
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof SlipwayError) throw cause
    throw missing(`${archive} cannot be read${cause instanceof Error ? `: ${cause.message}` : ''}`, cause)
  }
  const found = hash.digest('hex')
  if (found !== sha256)
    throw new SlipwayError(
      'playbooks-differ',
      `the SHA-256 of ${archive} is ${found}, and the cluster file says ${sha256}`,
    )
  await mkdir(into)
  try {
    // Neither owners nor anything outside of the folder: tar leaves out what leads there, and says so as a warning.
    await x({
      file: scratch,
      cwd: into,
      strict: true,
      preserveOwner: false,
      filter: path => !path.split('/').includes('..'),
    })
  } catch (cause) {
    throw new SlipwayError('playbooks-unusable', `${archive} is no archive of tar that is whole`, { cause })
  }
  return topOf(into)
}

async function opened(archive: string, signal: AbortSignal): Promise<Readable> {
  if (!isUrl(archive)) {
    if (!(await lstat(archive)).isFile()) throw missing(`${archive} is no file`)
    return createReadStream(archive)
  }
  const { request } = await import('undici')
  const { statusCode, body } = await follow(archive, 5)
  if (statusCode !== 200) throw missing(`${archive} is answered with HTTP ${statusCode}`)
  return body

  async function follow(url: string, times: number): ReturnType<typeof request> {
    const answer = await request(url, { signal, headersTimeout: 60_000, bodyTimeout: 60_000 })
    const location = answer.headers['location']
    if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string' || times === 0) return answer
    await answer.body.dump()
    return follow(new URL(location, url).href, times - 1)
  }
}

/** Archives of GitHub have one folder, in which everything is. */
async function topOf(folder: string): Promise<string> {
  const [only, ...others] = await readdir(folder)
  return only !== undefined && others.length === 0 && (await lstat(join(folder, only))).isDirectory()
    ? join(folder, only)
    : folder
}
