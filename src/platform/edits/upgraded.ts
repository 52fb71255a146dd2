import { SlipwayError } from '../../domain/errors.ts'
import type { RuleFinding } from '../../domain/ruleFinding.ts'
import { catalogue } from '../catalogue/index.ts'
import { isOci, type NamedChart, sourceOf } from '../chartSource.ts'
import { settingsOf } from '../components/enabled.ts'
import { keyOfNamed } from '../named.ts'
import { checkPlatform } from '../rules.ts'
import { type PlatformSpec, platformSpec } from '../spec.ts'

/** What a chart is to be from now on; null: as it is. */
export interface UpgradeWish {
  readonly version: string | null
  readonly chart: string | null
  readonly repository: string | null
  readonly digest: string | null
}

type Source = { readonly [Key in keyof NamedChart]?: NamedChart[Key] | undefined }

export type Upgraded =
  | { readonly ok: true; readonly platform: PlatformSpec }
  | { readonly ok: false; readonly findings: readonly RuleFinding[] }

/**
 * The platform with another version of a component or chart, or with its chart from elsewhere.
 * @param isFile whether the chart that is wished for is a file.
 * @throws SlipwayError `usage` for what is not there, has no chart, or is written wrongly.
 */
export function upgraded(platform: PlatformSpec, name: string, wish: UpgradeWish, isFile: boolean): Upgraded {
  keyOfNamed(name, platform)
  const component = catalogue.find(one => one.name === name)
  if (component && component.kind !== 'chart')
    throw new SlipwayError('usage', `${name} is no chart: there is no version of one`, {
      remedy: 'Set in the cluster file what it is to be, and apply that: slipway platform apply NAME -f FILE.',
    })
  const isLocal =
    component && settingsOf(platform, name)?.chart === undefined && sourceOf(component.chart).kind === 'local'
  if (isLocal && wish.chart === null)
    throw new SlipwayError(
      'usage',
      `the chart of ${name} lies beside its definition, and has the version that it has`,
      {
        remedy: 'Put the other one in its place there, and apply; or name one: --chart.',
      },
    )
  const changed: unknown = component
    ? {
        ...platform,
        components: { ...platform.components, [name]: sourced(settingsOf(platform, name) ?? {}, wish, isFile) },
      }
    : {
        ...platform,
        charts: platform.charts?.map(chart => (chart.name === name ? sourced(chart, wish, isFile) : chart)),
      }
  const read = platformSpec.safeParse(changed)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new SlipwayError('usage', `${String(issue?.path.at(-1) ?? name)}: ${issue?.message}`)
  }
  const findings = checkPlatform(read.data).filter(({ severity }) => severity === 'error')
  return findings.length > 0 ? { ok: false, findings } : { ok: true, platform: read.data }
}

/** What belongs to the version of before goes with it: a digest, and where a chart was before. */
function sourced<Settings extends Source>(settings: Settings, wish: UpgradeWish, isFile: boolean): object {
  const { chart, repository, version, digest, ...rest } = settings
  const moved = wish.chart !== null
  const isFetched = !moved || !isFile
  const source: Source = {
    chart: wish.chart ?? chart,
    repository: wish.repository ?? (isFetched && !(moved && isOci({ chart: wish.chart })) ? repository : undefined),
    version: wish.version ?? (isFetched ? version : undefined),
    digest: wish.digest ?? (moved || wish.repository !== null || wish.version !== null ? undefined : digest),
  }
  return { ...rest, ...Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) }
}
