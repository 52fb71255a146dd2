import type { ChartComponent, ChartDefault } from '../../contract.ts'
import { imageValues } from '../../images.ts'

export const chart: ChartDefault = {
  chart: 'victoria-metrics-operator',
  repository: 'https://victoriametrics.github.io/helm-charts',
  version: '0.67.2',
}

/** What it starts comes from the same registry. */
export const values: ChartComponent['values'] = (_settings, { image }) => ({
  ...imageValues(image),
  ...(image.registry !== undefined && { global: { image: { registry: image.registry } } }),
})
