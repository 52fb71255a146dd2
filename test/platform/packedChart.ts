import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { findHelm } from '../../src/helm/tool.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'

/** The Helm that the set-up has built. */
export const helm = await findHelm()

/** A chart as `helm package` writes it: its files by their path, and what its Chart.yaml has beside what all have. */
export function packedChart(files: Readonly<Record<string, string>>, metadata: object = {}): Buffer {
  const folder = temporaryFolder('chart')
  try {
    const chart = { apiVersion: 'v2', name: 'web', version: '1.0.0', ...metadata }
    const all = { 'Chart.yaml': stringify(chart), ...files }
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, 'chart', path)), { recursive: true })
      writeFileSync(join(folder, 'chart', path), text)
    }
    execFileSync(helm.path, ['package', 'chart'], { cwd: folder, stdio: 'pipe' })
    return readFileSync(join(folder, `${chart.name}-${chart.version}.tgz`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A Deployment of a chart whose values say how many pods it has, and where they may run. */
export const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      {{- with .Values.node }}
      nodeSelector: { kubernetes.io/hostname: {{ . }} }
      {{- end }}
      containers: [{ name: web, image: "example.test/web:{{ .Values.tag }}" }]
`
export const values = 'replicas: 1\ntag: "1"\n'

/** A hook that fails once all else is made: no look ahead tells that. */
export const failingHook = `
apiVersion: batch/v1
kind: Job
metadata: { name: fails, annotations: { helm.sh/hook: post-install } }
spec:
  activeDeadlineSeconds: 1
  template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } }
`
