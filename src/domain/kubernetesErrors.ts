import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about the API of a Kubernetes cluster. */
export const kubernetesErrors = {
  'kubeconfig-invalid': entry(
    'usage',
    422,
    'The kubeconfig cannot be used',
    'Write one that holds all it needs: `kubectl config view --raw --flatten --minify`, and try it: `kubectl --kubeconfig FILE version`.',
  ),
  'api-unreachable': entry(
    'failed',
    502,
    'The API server of the cluster does not answer, or not now',
    'Check the address in the kubeconfig, the network and the API server (`kubectl get --raw /readyz?verbose`); then plan again, or `slipway resume` a run that failed.',
  ),
  'api-untrusted': entry(
    'refused',
    502,
    'The API server of the cluster does not prove who it is',
    'Compare the address and the CA in the kubeconfig with those of the cluster; a kubeconfig of before its certificates were renewed or its CA was replaced has to be fetched anew.',
  ),
  'api-unauthorized': entry(
    'refused',
    502,
    'The API server of the cluster does not know us',
    'Fetch the kubeconfig anew: its certificate or token is expired, revoked, or of another cluster.',
  ),
  'api-forbidden': entry(
    'refused',
    502,
    'The API server of the cluster does not allow this',
    'Use a kubeconfig whose user may do it (`kubectl auth can-i --list` shows what it may), or look at the quota or policy that is named.',
  ),
  'api-conflict': entry(
    'failed',
    409,
    'An object in the cluster is changed or owned by somebody else',
    'Look who changes it (`kubectl get … -o yaml --show-managed-fields`) and settle whose it is; then `slipway resume`.',
  ),
  'api-refused': entry(
    'failed',
    502,
    'The API server of the cluster refuses a request',
    'Read its words, fix the cause; then plan again, or `slipway resume` a run that failed.',
  ),
  'api-reply-invalid': entry(
    'failed',
    502,
    'The API server of the cluster answers in a way that cannot be understood',
    'Check that the address in the kubeconfig is that of an API server (`kubectl version`), and not of a proxy or a login page.',
  ),
  'port-forward-failed': entry(
    'failed',
    502,
    'A port of a pod is not reached over the API of the cluster',
    'See whether the pod runs and something listens there (`kubectl get pods -A -o wide`; `kubectl port-forward` tries it by hand), then `slipway resume`.',
  ),
  'drain-blocked': entry(
    'failed',
    409,
    'A node cannot be drained in its time',
    'Do what the message names for each pod (`kubectl get pods -A -o wide`), then `slipway resume`.',
  ),
  'chart-invalid': entry(
    'usage',
    422,
    'A chart cannot be read',
    'Try it: `helm show chart FILE` and `helm template FILE`; `helm package FOLDER` packs one.',
  ),
  'chart-unavailable': entry(
    'refused',
    502,
    'A chart cannot be fetched, or is another one than was named',
    'Check repository, name, version and digest, and that this machine reaches them (`helm pull`); or name the packed chart as a file.',
  ),
  'chart-refused': entry(
    'failed',
    502,
    'Helm, or the API of the cluster, refuses a chart',
    'Read its words, fix the chart or its values in the cluster file, and apply; what else is under way goes on.',
  ),
  'workload-not-ready': entry(
    'failed',
    504,
    'A workload of a chart is not ready in its time, or has failed',
    'Look at its pods and their logs (`kubectl -n NAMESPACE get pods`, `kubectl logs`), fix the cause, then `slipway resume`, or apply with other values.',
  ),
} as const
