import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar'
import { afterAll, expect, it } from 'vitest'
import { type LabChartOptions, type LabChartName, labChart } from './charts.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-lab-chart-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file of a packed chart. */
function fileOf(name: LabChartName, path: string, options: LabChartOptions): string {
  writeFileSync(join(folder, 'packed.tgz'), labChart(name, options))
  extract({ file: join(folder, 'packed.tgz'), cwd: folder, sync: true })
  return readFileSync(join(folder, name, path), 'utf8')
}

it('another version of a chart stands in its images where the operator has the same one, and nowhere else', () => {
  const other = { version: '5.8.2' }
  expect(fileOf('pgo', 'values.yaml', other)).toContain('postgres-operator:ubi9-5.8.2-0')
  expect(fileOf('pgo', 'Chart.yaml', other)).toMatch(/^version: 5\.8\.2$[^]*^appVersion: 5\.8\.2$/m)
  expect(fileOf('victoria-metrics-operator', 'Chart.yaml', other)).toMatch(/^appVersion: v0\.74\.1$/m)
  expect(fileOf('victoria-metrics-operator', 'Chart.yaml', { appVersion: 'v0.48.4' })).toMatch(
    /^version: 0\.67\.2$[^]*^appVersion: v0\.48\.4$/m,
  )
})

it('a chart packed twice is the same, and another one with another file', () => {
  expect(labChart('pgo').equals(labChart('pgo'))).toBe(true)
  expect(labChart('pgo', { files: { 'templates/more.yaml': '' } }).equals(labChart('pgo'))).toBe(false)
})
