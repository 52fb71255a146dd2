import { type KeyFileKind, maxOpenFileBytes } from '../../../domain/clusterFile/keyFiles.ts'
import { type KeyFileFault, type Reading, refuse, withoutMark } from '../../../domain/clusterFile/secretLine.ts'
import { hasList, type KubernetesDocument, readDocuments } from './documents.ts'
import { chartFault } from './chartValues.ts'
import { addOnOf, canNameAddOn, manifestName, resemblesPackaged } from './manifestNames.ts'

/** More than any of them needs. */
const settingsBytes = 128 * 1024

/** What users bring to their machines, by what RKE2 does with it. */
export const ownFileKinds = {
  manifest: { name: 'manifest', maxBytes: maxOpenFileBytes, open: true, read: readManifest, fits: manifestFits },
  auditPolicy: {
    name: 'audit-policy',
    maxBytes: settingsBytes,
    open: true,
    read: contents => readOne(contents, isOf(/^audit\.k8s\.io\//, 'Policy'), 'an audit policy', auditForm, 'rules'),
  },
  podSecurity: {
    name: 'pod-security',
    maxBytes: settingsBytes,
    open: true,
    read: contents =>
      readOne(
        contents,
        isOf(/^apiserver\.config\.k8s\.io\//, 'AdmissionConfiguration'),
        'an admission configuration',
        admissionForm,
        'plugins',
      ),
  },
  kubeletConfig: {
    name: 'kubelet-config',
    maxBytes: settingsBytes,
    open: true,
    read: contents =>
      readOne(
        contents,
        isOf(/^kubelet\.config\.k8s\.io\//, 'KubeletConfiguration'),
        'a kubelet configuration',
        kubeletForm,
      ),
  },
  staticPod: {
    name: 'static-pod',
    maxBytes: settingsBytes,
    open: true,
    read: contents => readOne(contents, isOf(/^v1$/, 'Pod'), 'a Pod', podForm),
    fits: staticPodFits,
  },
  containerdTemplate: { name: 'containerd-template', maxBytes: settingsBytes, open: true, read: readTemplate },
} satisfies Record<string, KeyFileKind>

const auditForm = 'An audit policy begins with `apiVersion: audit.k8s.io/v1` and `kind: Policy`, and has `rules`.'
const admissionForm =
  'It begins with `apiVersion: apiserver.config.k8s.io/v1` and `kind: AdmissionConfiguration`, and has `plugins`.'
const kubeletForm = 'It begins with `apiVersion: kubelet.config.k8s.io/v1beta1` and `kind: KubeletConfiguration`.'
const podForm = 'A static pod is one object with `apiVersion: v1`, `kind: Pod` and metadata.name.'

function readManifest(contents: string): Reading<readonly KubernetesDocument[]> {
  const reading = readDocuments(contents)
  if (!reading.ok) return reading
  const fault = chartFault(reading.value)
  if (fault) return refuse('manifest-invalid', fault.message, fault.remedy)
  const nameless = reading.value.find(({ kind, name }) => name === null && !kind.endsWith('List'))
  if (!nameless) return reading
  return refuse(
    'manifest-invalid',
    `an object of kind ${/^[A-Za-z]{1,63}$/.test(nameless.kind) ? nameless.kind : '?'} has no metadata.name`,
    'Give it one: RKE2 applies manifests, and does not create objects with generateName.',
  )
}

function manifestFits(file: string, contents: string): KeyFileFault | null {
  const name = manifestName(file)
  if (!canNameAddOn(file))
    return {
      name: 'manifest-name',
      message: `${JSON.stringify(name)} is no name from which RKE2 could make one of its AddOns`,
      remedy:
        'Call the file by lower-case letters, digits and hyphens up to its first dot, without blanks, like my-app.yaml.',
    }
  const like = resemblesPackaged(file)
  if (like === null) return null
  const reading = readDocuments(contents)
  const isConfig = reading.ok && reading.value.every(({ kind }) => kind === 'HelmChartConfig')
  if (like === 'like' && isConfig) return null
  return {
    name: 'manifest-name',
    message:
      like === 'own'
        ? `RKE2 writes a ${addOnOf(file)} of its own, anew at each start`
        : `names that begin with rke2- are those of RKE2’s own components`,
    remedy: isConfig
      ? `Call the file ${addOnOf(file)}-config.yaml.`
      : 'Call the file otherwise; what changes a component of RKE2 is an object of kind HelmChartConfig.',
  }
}

/** Kubelet makes one pod of a file, and the file is called by it on the machine. */
function staticPodFits(file: string): KeyFileFault | null {
  if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.(?:ya?ml|json)$/.test(manifestName(file))) return null
  return {
    name: 'manifest-name',
    message: `${manifestName(file)} is no name for the file of a static pod`,
    remedy: 'Call it by lower-case letters, digits, dots and hyphens, and end it with .yaml.',
  }
}

const isOf = (group: RegExp, wanted: string) => (document: KubernetesDocument) =>
  group.test(document.apiVersion) && document.kind === wanted

function readOne(
  contents: string,
  isIt: (document: KubernetesDocument) => boolean,
  what: string,
  form: string,
  list?: string,
): Reading<KubernetesDocument> {
  const reading = readDocuments(contents)
  if (!reading.ok) return reading
  const [only, another] = reading.value
  if (!only || another) return refuse('own-file-kind', `it holds several objects and not one`, form)
  if (!isIt(only)) return refuse('own-file-kind', `it is not ${what}`, form)
  if (list !== undefined && !hasList(contents, list)) return refuse('own-file-kind', `it has no list ${list}`, form)
  return { ok: true, value: only }
}

/** A Go template of TOML: only RKE2 can tell whether it is right. What surely is none is refused. */
function readTemplate(contents: string): Reading<string> {
  if (contents !== withoutMark(contents))
    return refuse('own-file-kind', 'it begins with a byte order mark', 'Save it as UTF-8 without one.')
  if (/^\s*(?:apiVersion|kind):/m.test(contents))
    return refuse('own-file-kind', 'it is YAML, and no template of containerd’s config.toml', templateForm)
  const opened = contents.split('{{').length
  const closed = contents.split('}}').length
  if (opened !== closed)
    return refuse('own-file-kind', 'a {{ in it is not closed, or a }} not opened: RKE2 would not start', templateForm)
  return { ok: true, value: contents }
}

const templateForm =
  'Begin it with `{{ template "base" . }}`, which is RKE2’s own configuration, and write what is added below in TOML.'
