import { SlipwayError } from '../domain/errors.ts'
import { findProgram } from '../processes/findProgram.ts'
import { runProcess } from '../processes/run.ts'

/** The Helm command of this machine. */
export interface HelmTool {
  readonly path: string
  /** `v4.3.2` */
  readonly version: string
}

/** From this version on Helm labels a release, by which it is known as ours. */
const oldest = { major: 3, minor: 17 }

/**
 * Finds Helm: SLIPWAY_HELM (the program), else the one that the set-up has built, else PATH.
 * @throws SlipwayError `tool-missing`, also for a version that is too old.
 */
export async function findHelm(environment: NodeJS.ProcessEnv = process.env): Promise<HelmTool> {
  const path = await findProgram({ variable: 'SLIPWAY_HELM', built: 'helm/helm', names: ['helm'] }, environment)
  if (path === null) throw new SlipwayError('tool-missing', 'Helm is not installed', { remedy })
  return checked(path)
}

const remedy = `Install Helm ${oldest.major}.${oldest.minor} or later, or name the program in SLIPWAY_HELM.`

async function checked(path: string): Promise<HelmTool> {
  const wrong = (reason: string) => new SlipwayError('tool-missing', `${path}: ${reason}`, { remedy })
  const asked = await runProcess(path, ['version', '--short'], { environment: {}, timeout: 30_000 })
  const said = /^(v(\d+)\.(\d+)\.[0-9A-Za-z.+-]+)\s*$/.exec(asked.stdout)
  if (asked.exitCode !== 0 || !said) throw wrong('does not tell its version: is it Helm?')
  const [, version = '', major, minor] = said
  if (Number(major) === 4 || (Number(major) === oldest.major && Number(minor) >= oldest.minor)) return { path, version }
  throw wrong(`${version} is there, ${oldest.major}.${oldest.minor} or later, or 4, is needed`)
}
