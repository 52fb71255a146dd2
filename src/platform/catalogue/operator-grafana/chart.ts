import type { ChartComponent, ChartDefault } from '../../contract.ts'
import { imageValues } from '../../images.ts'

export const chart: ChartDefault = { chart: 'oci://ghcr.io/grafana/helm-charts/grafana-operator', version: '5.24.0' }

export const values: ChartComponent['values'] = (_settings, { image }) => imageValues(image)
