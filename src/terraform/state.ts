import { SlipwayError } from '../domain/errors.ts'
import { stateShape, type TerraformState } from './shapes.ts'

/** The version of the format that OpenTofu and Terraform write; they have no newer one. */
const format = 4

/**
 * Reads a state. @param of what it belongs to, for people: `machine w1`.
 * @param facts of the error.
 * @throws SlipwayError `terraform-state-unreadable` for one that is damaged or of a format that is not known.
 */
export function readState(text: string, of: string, facts: Readonly<Record<string, string>> = {}): TerraformState {
  const refuse = (reason: string, cause?: unknown) =>
    new SlipwayError('terraform-state-unreadable', `the Terraform state of ${of} ${reason}`, { facts, cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refuse('is damaged: it is no JSON', cause)
  }
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined
  if (typeof version === 'number' && version !== format)
    throw refuse(`has the format ${version}; this version of Slipway reads format ${format}`)
  const parsed = stateShape.safeParse(value)
  if (!parsed.success) throw refuse('is damaged: it lacks what every state has', parsed.error)
  return parsed.data
}

type Resource = TerraformState['resources'][number]

/** As plans and messages call it: `module.net.kind.name["key"]`. */
export function instanceAddress(
  { module, type, name }: Pick<Resource, 'module' | 'type' | 'name'>,
  { index_key: key }: Pick<Resource['instances'][number], 'index_key'>,
): string {
  const index = key === undefined ? '' : `[${JSON.stringify(key)}]`
  return `${module === undefined ? '' : `${module}.`}${type}.${name}${index}`
}

/** Addresses of what is managed by it. */
export const managedBy = ({ resources }: TerraformState): readonly string[] =>
  resources.flatMap(resource =>
    resource.mode === 'managed' ? resource.instances.map(instance => instanceAddress(resource, instance)) : [],
  )
