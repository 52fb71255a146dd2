import type { ChartComponent, ChartDefault } from '../../contract.ts'
import { imageValues } from '../../images.ts'

export const chart: ChartDefault = {
  chart: 'oci://ghcr.io/prometheus-community/charts/kube-state-metrics',
  version: '8.4.0',
}

export const values: ChartComponent['values'] = (_settings, { image }) => imageValues(image)
