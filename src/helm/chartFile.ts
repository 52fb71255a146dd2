import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

const metadata = z.object({
  name: z.string(),
  version: z.string(),
  appVersion: z.coerce.string().nullish(),
  type: z.string().nullish(),
  kubeVersion: z.string().nullish(),
  deprecated: z.boolean().nullish(),
})

/** What a packed chart says of itself. */
export interface ChartFacts {
  readonly name: string
  readonly version: string
  readonly appVersion: string | null
  readonly deprecated: boolean
}

/** sha256 of a packed chart, hex. */
export const chartDigest = (packed: Uint8Array): string => createHash('sha256').update(packed).digest('hex')

/**
 * Reads a packed chart as Helm does, with all that it would refuse of it.
 * @param about how messages name it. @throws SlipwayError `chart-invalid`; as `callHelm` says.
 */
export async function readChart(packed: Uint8Array, about: string, around: HelmSurroundings): Promise<ChartFacts> {
  const { exitCode, stdout, stderr } = await callHelm(['show', 'chart', chartName], { [chartName]: packed }, around)
  const wrong = (why: string) => new SlipwayError('chart-invalid', `${about}: ${why}`)
  if (exitCode !== 0) throw wrong(toldByHelm(stderr))
  const read = metadata.safeParse(parse(stdout))
  if (!read.success) throw wrong('its Chart.yaml has no name or no version')
  if (read.data.type === 'library') throw wrong('it is a library for other charts, and has nothing to install')
  const { name, version, appVersion, deprecated } = read.data
  return { name, version, appVersion: appVersion ?? null, deprecated: deprecated ?? false }
}

/** Of a packed chart among the files of a call. */
export const chartName = 'chart.tgz'
