import { SlipwayError } from '../domain/errors.ts'
import { isOfWebhook, remedyOfWebhook } from '../kubernetes/apiErrors.ts'

/**
 * How Go's client says that no answer has come, or none that stands: its words end with it, or the API's begin with it. What
 * an admission webhook or a hook lacks is told in the same words, and is another matter.
 */
const unanswered =
  /(?:: EOF|connection refused|connection reset by peer|connection lost|broken pipe|TLS handshake timeout|i\/o timeout|no route to host|Client\.Timeout exceeded.*)$|etcdserver: |^the server is currently unable|too many requests|server has received too many|apiserver not ready|\bthe server was unable to return a response/im

/**
 * What it means that Helm has not done to a release what it was to do. Pure.
 * @param remedy where the release or the API refuses it.
 */
export function refusal(release: string, exitCode: number | null, words: string, remedy?: string): SlipwayError {
  if (exitCode === null)
    return new SlipwayError('machine-exhausted', `${release}: Helm was killed before it was done`, {
      remedy:
        'Where nobody has done that, the machine had too little memory (`dmesg`): free some; then `slipway resume`.',
    })
  if (isOfWebhook(words)) return new SlipwayError('chart-refused', `${release}: ${words}`, { remedy: remedyOfWebhook })
  const told = `${release}: ${words}`
  if (unanswered.test(words)) return new SlipwayError('api-unreachable', told)
  return new SlipwayError('chart-refused', told, remedy === undefined ? {} : { remedy })
}

const ofSchema = /values don't meet the specifications of the schema/
const ofTemplates = /parse error (?:at|in) \(/

/** Whether a chart is refused for the version of Kubernetes. Pure. */
export const isOfVersion = (words: string): boolean => /chart requires kubeVersion/.test(words)

/** Whether a chart is refused whatever there is on a cluster: for the schema of its values, its templates, or the version. Pure. */
export const isAnywhere = (words: string): boolean =>
  ofSchema.test(words) || ofTemplates.test(words) || isOfVersion(words)

/** What to do where Helm does not render a chart; undefined: what is always to be done. Pure. */
export function remedyOf(words: string): string | undefined {
  if (ofSchema.test(words))
    return 'Write the values that are named as the schema of the chart wants them: helm show values CHART.'
  if (isOfVersion(words))
    return 'Name a version of the chart that is for this version of Kubernetes, or bring the cluster to one that the chart takes.'
  return undefined
}
