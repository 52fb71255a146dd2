import { describe, expect, it } from 'vitest'
import { type KeyFile, keyFileFault, maxOpenFileBytes } from '../../../domain/clusterFile/keyFiles.ts'
import { ownFileKinds } from './kinds.ts'

const faultOf = (kind: keyof typeof ownFileKinds, contents: string, file = './a.yaml') =>
  keyFileFault({ kind: ownFileKinds[kind], file } satisfies Pick<KeyFile, 'kind' | 'file'>, Buffer.from(contents))
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
const chartConfig = 'apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: { name: rke2-coredns }\n'

describe('a manifest', () => {
  it.each([
    ['one object', configMap],
    ['several, and empty ones between them', `---\n# none\n---\n${configMap}---\n---\n${configMap}`],
    ['a list', 'apiVersion: v1\nkind: List\nitems: []\n'],
    ['JSON', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })],
    ['the line ends and the mark of Windows', `\ufeff${configMap}`.replaceAll('\n', '\r\n')],
    ['templates of others in texts', `${configMap}data: { a: "{{ x }} {% raw %}" }\n`],
    ['a key that stands twice, of which RKE2 takes the last', `${configMap}data: { a: "1", a: "2" }\n`],
  ])('is taken: %s', (_what, contents) => {
    expect(faultOf('manifest', contents)).toBeNull()
  })

  it.each([
    ['nothing', ' \n', 'own-file-empty'],
    ['comments only', '# nothing\n---\n', 'manifest-invalid'],
    ['no kind', 'apiVersion: v1\nmetadata: { name: a }\n', 'manifest-invalid'],
    ['a kind that is no text', 'apiVersion: v1\nkind: [a]\nmetadata: { name: a }\n', 'manifest-invalid'],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata: { generateName: a- }\n', 'manifest-invalid'],
    ['a text', 'apiVersion v1', 'manifest-invalid'],
    ['a template of Helm', 'apiVersion: v1\nkind: {{ .Values.kind }}\n', 'manifest-invalid'],
    ['a second object that is none', `${configMap}---\n- 1\n`, 'manifest-invalid'],
    ['a tab', 'apiVersion: v1\n\tkind: Pod\n', 'manifest-invalid'],
    ['nesting without an end', `${configMap}data: ${'['.repeat(50_000)}`, 'manifest-invalid'],
    ['a line end of Kubernetes alone', `${configMap}# a \u2028 b\n`, 'manifest-invalid'],
    ['a NUL byte', `${configMap}# \0\n`, 'manifest-invalid'],
    ['more than a megabyte', configMap.padEnd(maxOpenFileBytes + 1, '#'), 'own-file-too-large'],
  ])('is refused: %s', (_what, contents, name) => {
    expect(faultOf('manifest', contents)?.name).toBe(name)
  })

  it('is never quoted where it is refused', () => {
    for (const contents of ['canary', 'apiVersion: canary', `${configMap}---\ncanary: [`, '{{ canary }}: '])
      expect(JSON.stringify(faultOf('manifest', contents))).not.toContain('canary')
  })

  it.each([
    ['./sub folder/my-app.v2.yaml', configMap, null],
    ['./My-app.yaml', configMap, 'manifest-name'],
    ['./my_app.yaml', configMap, 'manifest-name'],
    ['./a.line\nend.yaml', configMap, 'manifest-name'],
    ['./-a.yaml', configMap, 'manifest-name'],
    ['./rke2-coredns-config.yaml', chartConfig, null],
    ['./rke2-coredns-config.yaml', `${chartConfig}---\n${configMap}`, 'manifest-name'],
    ['./rke2-coredns.yaml', chartConfig, 'manifest-name'],
    ['./harvester-csi-driver.yml', configMap, 'manifest-name'],
  ])('has a name from which RKE2 can make an AddOn of its own: %j', (file, contents, name) => {
    expect(faultOf('manifest', contents, file)?.name ?? null).toBe(name)
  })
})

describe('values of a chart, as of the ingress controller', () => {
  const config = (name: string, values: string, namespace = 'namespace: kube-system') =>
    `apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: { name: ${name}, ${namespace} }\nspec: ${values}\n`
  const usual = '{ valuesContent: "controller: { config: { use-forwarded-headers: \\"true\\" } }" }'

  it.each([
    ['rke2-ingress-nginx', usual, undefined],
    ['rke2-traefik', '{ valuesContent: "" }', undefined],
    ['rke2-traefik', '{ failurePolicy: abort }', undefined],
    ['rke2-cilium', usual, ''],
    // Charts of the user's own, and of later releases.
    ['my-app', usual, 'namespace: apps'],
    ['rke2-something-quite-new', usual, undefined],
    ['rke2-calico-v3', usual, undefined],
  ])('are taken: %s %s %s', (name, values, namespace) => {
    expect(faultOf('manifest', config(name, values, namespace))).toBeNull()
  })

  it.each([
    ['rke2-ingress-nginx', usual, 'namespace: default', 'in another namespace than RKE2’s chart'],
    ['rke2-ingres-nginx', usual, undefined, 'did you mean rke2-ingress-nginx?'],
    ['rke2-traefik', '{ valuesContent: { a: b } }', undefined, 'of a HelmChartConfig is no text'],
    [
      'rke2-traefik',
      '{ valuesContent: "a: [canary" }',
      undefined,
      'line 1 of spec.valuesContent of a HelmChartConfig is not YAML',
    ],
    ['rke2-traefik', '{ valuesContent: "- canary" }', undefined, 'is no map'],
  ])('are refused: %s %s %s', (name, values, namespace, message) => {
    const fault = faultOf('manifest', config(name, values, namespace))
    expect(fault).toMatchObject({ name: 'manifest-invalid', message: expect.stringContaining(message) })
    expect(JSON.stringify(fault)).not.toContain('canary')
  })
})

describe('a file that RKE2 reads for one thing', () => {
  const kubelet = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  const admission = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n'
  it.each([
    ['auditPolicy', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: None }]\n', null],
    ['auditPolicy', 'apiVersion: audit.k8s.io/v1\nkind: Policy\n', 'own-file-kind'],
    ['auditPolicy', kubelet, 'own-file-kind'],
    ['podSecurity', `${admission}plugins: []\n`, null],
    ['podSecurity', admission, 'own-file-kind'],
    ['kubeletConfig', kubelet, null],
    ['kubeletConfig', `${kubelet}---\n${kubelet}`, 'own-file-kind'],
    ['kubeletConfig', configMap, 'own-file-kind'],
    ['staticPod', 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n', null],
    ['staticPod', configMap, 'own-file-kind'],
    ['containerdTemplate', '{{ template "base" . }}\n[a]\n', null],
    ['containerdTemplate', '{{ template "base" . }\n', 'own-file-kind'],
    ['containerdTemplate', configMap, 'own-file-kind'],
    ['containerdTemplate', '\ufeffversion = 3\n', 'own-file-kind'],
  ] as const)('is of its kind: %s %j', (kind, contents, name) => {
    expect(faultOf(kind, contents)?.name ?? null).toBe(name)
  })
})
