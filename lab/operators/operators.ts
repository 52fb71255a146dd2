import { z } from 'zod'
import { openLabApi } from './api.ts'
import type { Rules } from './behaviour.ts'
import { catalogue, type LabOperator } from './catalogue.ts'
import { openController } from './controller.ts'
import { type Informer, keepInformed } from './informer.ts'
import { installedBy, watchesNamespace } from './installed.ts'
import type { CustomKind, Database } from './kind.ts'
import { collectionPath, type LabObject, pathOf, placeOf } from './objects.ts'
import { openProvisioner } from './provisioner.ts'
import { openWorkQueue, type WorkQueue } from './workQueue.ts'

/** What stands for the operators of a cluster, and for what provides its volumes. */
export interface LabOperators extends AsyncDisposable {
  /** From now on they treat their resources so. */
  behave(rules: Rules): void
}

export interface OperatorsOptions {
  /** Of an administrator, as the lab writes them. */
  readonly kubeconfig: string
  readonly rules?: Rules
  readonly database?: Database
  /** Told of what should not happen. */
  readonly onError?: (error: unknown) => void
}

/**
 * Does what the real operators would do, each while its Deployment has an available pod, with the custom resources in the
 * namespaces that it watches. All it knows it sees on the API server: it may end and start anew at any time.
 */
export async function startOperators(options: OperatorsOptions): Promise<LabOperators> {
  const { kubeconfig, database, onError = error => console.error(error) } = options
  const api = openLabApi(kubeconfig, 'lab-operators')
  const ended = new AbortController()
  const { signal } = ended
  let rules = options.rules ?? {}
  /** Those whose definitions are served. */
  const attended = new Map<CustomKind, { informer: Informer; queue: WorkQueue; end(): void }>()

  /** Asks again about the resources of a namespace, or about all. */
  const wake = (namespace?: string) => {
    for (const { informer, queue } of attended.values())
      for (const resource of informer.all())
        if (namespace === undefined || resource.metadata.namespace === namespace) queue.add(placeOf(resource))
  }
  const keep = (kind: string, changed: (object: LabObject) => void = ({ metadata }) => wake(metadata.namespace)) =>
    keepInformed(api, pathOf(kind), signal, changed)
  const workloads = {
    Pod: keep('Pod'),
    StatefulSet: keep('StatefulSet'),
    // Any of them may be an operator's, which looks at other namespaces than its own.
    Deployment: keep('Deployment', () => wake()),
    PersistentVolumeClaim: keep('PersistentVolumeClaim', claim => {
      wake(claim.metadata.namespace)
      provisioner.look()
    }),
  }
  const provisioner = openProvisioner({
    api,
    claims: workloads.PersistentVolumeClaim,
    classes: keep('StorageClass', () => provisioner.look()),
    volumes: keep('PersistentVolume', () => provisioner.look()),
    onError,
  })
  const operatorFor = ({ marks }: LabOperator, namespace: string | undefined) =>
    workloads.Deployment.all()
      .map(deployment => installedBy(marks, deployment))
      .find(installed => installed !== null && watchesNamespace(installed, namespace)) ?? null

  const attend = (operator: LabOperator, kind: CustomKind) => {
    const ofKind = new AbortController()
    const reconcile = openController(kind, {
      api,
      database,
      informers: workloads,
      rules: () => rules,
      operatorFor: namespace => operatorFor(operator, namespace),
    })
    const queue = openWorkQueue(async place => {
      const resource = informer.all().find(one => placeOf(one) === place)
      const again = resource && (await reconcile(resource).catch(onError))
      if (again !== undefined) queue.later(place, again)
    })
    const path = collectionPath(`${kind.group}/${kind.version}`, kind.plural)
    const informer = keepInformed(api, path, AbortSignal.any([signal, ofKind.signal]), one => queue.add(placeOf(one)))
    attended.set(kind, { informer, queue, end: () => ofKind.abort() })
  }
  const definitions = keep('CustomResourceDefinition', () => {
    const served = new Set(definitions.all().flatMap(servedBy))
    for (const operator of catalogue)
      for (const kind of operator.kinds) {
        const isServed = served.has(`${kind.plural}.${kind.group}/${kind.version}`)
        const own = attended.get(kind)
        if (isServed && !own) attend(operator, kind)
        if (isServed || !own) continue
        own.end()
        attended.delete(kind)
      }
  })
  await Promise.all([...Object.values(workloads), definitions].map(({ listed }) => listed))

  return {
    behave(changed) {
      rules = changed
      wake()
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
      const own = [...attended.values()]
      await Promise.all([...own.map(({ queue }) => queue.close()), provisioner.close()])
      await Promise.all(
        [...Object.values(workloads), definitions, ...own.map(({ informer }) => informer)].map(({ ended }) => ended),
      )
      api.close()
    },
  }
}

const definitionShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ versions: z.array(z.object({ name: z.string(), served: z.boolean() })) }),
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
    .prefault({}),
})

/** `grafanas.grafana.integreatly.org/v1beta1`: what a definition that is established serves. */
function servedBy(definition: LabObject): string[] {
  const { metadata, spec, status } = definitionShape.parse(definition)
  if (!status.conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return []
  return spec.versions.filter(({ served }) => served).map(({ name }) => `${metadata.name}/${name}`)
}
