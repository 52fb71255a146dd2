import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { findProgram } from '../processes/findProgram.ts'
import { runProcess } from '../processes/run.ts'
import { jsonIn } from './messages.ts'

/** The command that makes machines of a module: OpenTofu or Terraform, whichever is there. */
export interface TerraformTool {
  readonly path: string
  readonly name: 'OpenTofu' | 'Terraform'
  /** `1.12.6` */
  readonly version: string
}

/** From these versions on a plan is told as JSON with what is a secret in it, and import blocks are known. */
const oldest = { OpenTofu: { major: 1, minor: 6 }, Terraform: { major: 1, minor: 5 } } as const

const versionShape = z.object({ terraform_version: z.string() })

/**
 * Finds it: SLIPWAY_TERRAFORM (the program), else the one that the set-up has built, else `tofu` and then `terraform` on
 * PATH.
 * @throws SlipwayError `tool-missing`, also for a version that is too old.
 */
export async function findTerraform(environment: NodeJS.ProcessEnv = process.env): Promise<TerraformTool> {
  const places = { variable: 'SLIPWAY_TERRAFORM', built: 'tofu/tofu', names: ['tofu', 'terraform'] }
  const path = await findProgram(places, environment)
  if (path === null) throw new SlipwayError('tool-missing', 'neither OpenTofu nor Terraform is installed', { remedy })
  return checked(path)
}

const remedy = 'Install OpenTofu 1.6 or later (or Terraform 1.5 or later), or name the program in SLIPWAY_TERRAFORM.'

async function checked(path: string): Promise<TerraformTool> {
  const wrong = (reason: string) => new SlipwayError('tool-missing', `${path}: ${reason}`, { remedy })
  const environment = { CHECKPOINT_DISABLE: '1' }
  const asked = await runProcess(path, ['version'], { environment, timeout: 30_000 }).catch((error: unknown) => {
    if (error instanceof SlipwayError && error.code === 'tool-missing') throw wrong('it can’t be started')
    throw error
  })
  const name = /^(OpenTofu|Terraform) v/m.exec(asked.stdout)?.[1]
  const told = await runProcess(path, ['version', '-json'], { environment, timeout: 30_000 })
  const parsed = versionShape.safeParse(parse(told.stdout))
  if (asked.exitCode !== 0 || (name !== 'OpenTofu' && name !== 'Terraform') || !parsed.success)
    throw wrong('does not tell its version: is it OpenTofu or Terraform?')
  const version = parsed.data.terraform_version
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const least = oldest[name]
  if (major > least.major || (major === least.major && minor >= least.minor)) return { path, name, version }
  throw wrong(`${name} ${version} is there, ${least.major}.${least.minor} or later is needed`)
}

function parse(text: string): unknown {
  try {
    return jsonIn(text)
  } catch {
    return null
  }
}
