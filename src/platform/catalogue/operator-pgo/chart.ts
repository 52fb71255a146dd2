import type { ChartComponent, ChartDefault } from '../../contract.ts'
import { imageAt } from '../../images.ts'

export const chart: ChartDefault = {
  chart: 'oci://registry.developers.crunchydata.com/crunchydata/pgo',
  version: '6.0.3',
}

/** The chart takes its image as one text. */
export const values: ChartComponent['values'] = (_settings, { image }) => {
  const cluster = imageAt('registry.developers.crunchydata.com/crunchydata/postgres-operator', 'ubi9-6.0.3-0', image)
  return cluster === null ? {} : { controllerImages: { cluster } }
}
