import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { type Json, jsonShape } from '../../contract/json.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { readHcl } from './hcl.ts'
import { placeholder, type StateBackend, stateBackend } from './stateBackend.ts'
import { backendTypes } from './types.ts'

/** Names the file of the backend in which the states of machines are kept. */
export const backendVariable = 'SLIPWAY_TERRAFORM_BACKEND'

/** Bytes: certificates may stand in it. */
const most = 256 * 1024

/**
 * The backend that the server is given. Null: the states are kept in the database.
 * @throws SlipwayError `terraform-backend-invalid`.
 */
export async function configuredBackend(environment: NodeJS.ProcessEnv = process.env): Promise<StateBackend | null> {
  const file = environment[backendVariable] || null
  if (file === null) return null
  if (!isAbsolute(file)) throw invalid(`${backendVariable} is ${file}, which is no absolute path`)
  const text = await contentOf(file)
  return readBackend(text, file, environment)
}

/** @param file for people. @throws SlipwayError `terraform-backend-invalid`. */
export function readBackend(text: string, file: string, environment: NodeJS.ProcessEnv): StateBackend {
  const { terraform } = shaped(parsed(text, file), file)
  const blocks = listed(terraform.backend).flatMap(block =>
    Object.entries(block).flatMap(([type, bodies]) => listed(bodies).map(settings => ({ type, settings }))),
  )
  const [block, ...others] = blocks
  if (block === undefined || others.length > 0) throw invalid(`${file} does not name one backend`)
  const { type, settings } = block
  const known = backendTypes[type]
  if (known === undefined) throw invalid(`${file}: ${unknown(type)}`)
  if (!known.workspaces) checkPlaces(settings, file)
  return stateBackend(type, settings, environment)
}

/** Each machine has a place of its own: else one would write over the state of another. */
function checkPlaces(settings: Readonly<Record<string, Json>>, file: string): void {
  const refuse = (name: string): SlipwayError =>
    invalid(
      `${file}: http has no workspaces, and its ${name} is the same for all machines`,
      `Write ${placeholder} where the name of a machine’s state belongs: ${name} = "https://states.example.com/${placeholder}".`,
    )
  const address = settings['address']
  if (typeof address !== 'string' || !address.includes(placeholder)) throw refuse('address')
  for (const name of ['lock_address', 'unlock_address']) {
    const value = settings[name]
    if (value !== undefined && value !== null && !String(value).includes(placeholder)) throw refuse(name)
  }
}

function unknown(type: string): string {
  const others: Readonly<Record<string, string>> = {
    local: 'local keeps states in files beside the module; leave the variable out, and they are kept in the database',
    remote: 'remote runs plans elsewhere, which is not what is meant here',
    cloud: 'cloud runs plans elsewhere, which is not what is meant here',
  }
  return others[type] ?? `there is no backend ${type}; there are ${Object.keys(backendTypes).join(', ')}`
}

async function contentOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > most) throw invalid(`${file} is larger than ${most / 1024} KiB`)
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause
    throw invalid(
      `${file}, which ${backendVariable} names, can’t be read: ${cause instanceof Error ? cause.message : cause}`,
    )
  }
}

/** Of what is wrong only the place is told: a line of it may be a secret. */
function parsed(text: string, file: string): unknown {
  const isJson = text.trimStart().startsWith('{')
  try {
    return isJson ? JSON.parse(text) : readHcl(text)
  } catch (error) {
    const where = isJson || !(error instanceof SyntaxError) ? 'it is no JSON' : error.message
    throw invalid(`${file}: ${where}`)
  }
}

const settingsShape = z.record(z.string(), jsonShape)
/** Of a block that stands there once JSON may say it with or without a list around it. */
const oneOrMore = <Shape extends z.ZodType>(shape: Shape) => z.union([z.array(shape), shape])
const fileShape = z.strictObject({
  terraform: z.strictObject({ backend: oneOrMore(z.record(z.string(), oneOrMore(settingsShape))) }),
})

const listed = <T>(one: T | T[]): readonly T[] => (Array.isArray(one) ? one : [one])

function shaped(value: unknown, file: string): z.infer<typeof fileShape> {
  const form = 'terraform { backend "TYPE" { … } }'
  const read = fileShape.safeParse(value)
  if (read.success) return read.data
  throw invalid(
    z.object({ terraform: z.object({ cloud: z.unknown().refine(one => one !== undefined) }) }).safeParse(value).success
      ? `${file}: ${unknown('cloud')}`
      : `${file} holds something else than ${form}`,
  )
}

const invalid = (message: string, remedy?: string): SlipwayError =>
  new SlipwayError('terraform-backend-invalid', message, remedy === undefined ? {} : { remedy })
