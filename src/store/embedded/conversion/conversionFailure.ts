import { basename } from 'node:path'
import { SlipwayError, toSlipwayError } from '../../../domain/errors.ts'
import { isDriverError, translateDatabaseError } from '../../databaseErrors.ts'
import { codeOf, folderUnusable } from '../../makeFolder.ts'
import { damaged, isFull } from '../refusals.ts'

/** Pages and files that are not what they were: XX001 and XX002 of data and indexes, 58… of files. */
const unreadable = /^(XX00.|58...)$/
const asBefore = 'The database is as it was before; the Slipway that made it goes on working with it.'

/** Why a database could not be converted; `made` is where the new one was being made. */
export function conversionFailure(error: unknown, path: string, made: string): SlipwayError {
  if (isOutOfRoom(error) || isFull(made))
    return new SlipwayError('folder-unusable', `${path}: its disk is full`, {
      cause: error,
      facts: { folder: path },
      remedy: `Make room on it, and start Slipway again. ${asBefore}`,
    })
  if (error instanceof Error && 'syscall' in error) return folderUnusable(path, error)
  if (isDriverError(error) && unreadable.test(error.code ?? ''))
    return damaged(path, `PostgreSQL cannot read all of it: ${error.message}`, { cause: error })
  const known = toSlipwayError(translateDatabaseError(error))
  if (known.code === 'database-newer') return known
  if (known.code === 'backup-unusable')
    return damaged(path, `its rows do not fit its schema, so it cannot be converted: ${known.message}`, {
      cause: error,
      remedy: asBefore,
    })
  // Of the one that was being made.
  const isOfMade = known.code === 'database-damaged' && basename(String(known.facts['folder'])) === basename(made)
  return new SlipwayError(
    isOfMade ? 'database-unavailable' : known.code,
    `${path} could not be converted: ${known.message}`,
    {
      cause: error,
      remedy: isOfMade ? asBefore : `${known.remedy} ${asBefore}`,
      facts: known.facts,
    },
  )
}

function isOutOfRoom(error: unknown): boolean {
  const known = translateDatabaseError(error)
  if (!(known instanceof SlipwayError)) return codeOf(known) === 'ENOSPC'
  // The class of it also tells that memory is short.
  if (known.code === 'database-full') return codeOf(known.cause) === '53100'
  return known.code === 'folder-unusable' && codeOf(known.cause) === 'ENOSPC'
}
