import type { ChartComponent, ChartDefault } from '../../contract.ts'
import { imageValues } from '../../images.ts'

export const chart: ChartDefault = { chart: 'oci://ghcr.io/fluent/helm-charts/fluent-operator', version: '4.3.0' }

/** The operator alone: by itself its chart collects the logs of the cluster as well, to nowhere. */
export const values: ChartComponent['values'] = (_settings, { image }) => ({
  Kubernetes: false,
  ...(Object.keys(imageValues(image)).length > 0 && { operator: imageValues(image) }),
})
