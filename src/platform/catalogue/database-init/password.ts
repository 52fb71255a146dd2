import { randomBytes } from 'node:crypto'
import type { KeyFileKind } from '../../../domain/clusterFile/keyFiles.ts'
import { readSecretLine } from '../../../domain/clusterFile/secretLine.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import type { PlatformSession } from '../../platformSession.ts'

/** The password of a role. */
export const rolePassword: KeyFileKind = { name: 'role-password', read: readSecretLine }

/** @throws SlipwayError `file-unreadable`, without what is in it. */
export async function passwordOf(file: string, session: PlatformSession): Promise<string> {
  const reading = readSecretLine(await session.openFile(file))
  if (!reading.ok) throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`)
  session.learn(reading.value)
  return reading.value
}

/** 192 bits, of signs that need quotes nowhere. */
export const generatedPassword = (): string => randomBytes(24).toString('base64url')
