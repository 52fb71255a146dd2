import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { SlipwayError } from '../domain/errors.ts'

/**
 * The text of a file that only its owner may read; undefined when there is none. Modes that are too open are closed.
 * `what` names it in errors: `token file`. @throws SlipwayError `file-unreadable`, also for what is no regular file.
 */
export function readPrivateFile(file: string, what: string): string | undefined {
  let descriptor: number | undefined
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for a writer.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const state = fstatSync(descriptor)
    if (!state.isFile()) throw new Error('it is no regular file')
    if ((state.mode & 0o077) !== 0) fchmodSync(descriptor, 0o600)
    return readFileSync(descriptor, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new SlipwayError('file-unreadable', `the ${what} ${file} cannot be read`, {
      remedy: 'It has to be a file of the user who runs the server, which nobody else may read.',
      cause,
    })
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
