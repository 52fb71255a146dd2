import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { z } from 'zod'
import type { ControlPlane } from '../kubernetes/controlPlane.ts'

/** An admission webhook of the API server that says no, in these words, or nothing at all. */
export interface Webhook extends AsyncDisposable {
  /** Asked for what is made and changed. */
  register(name: string, rule: WebhookRule): void
  unregister(name: string): void
}

export interface WebhookRule {
  readonly group: string
  readonly resource: string
  readonly namespace: string
  /** Null: it does not answer. */
  readonly denial: string | null
}

const review = z.object({ request: z.object({ uid: z.string() }) })

/** Serves webhooks on this machine, by a certificate of the control plane's CA. */
export async function serveWebhooks(plane: ControlPlane): Promise<Webhook> {
  const stem = await plane.issue('webhook', { uses: ['serverAuth'], names: ['127.0.0.1'] })
  const denials = new Map<string, string | null>()
  const server = createServer(
    { cert: readFileSync(`${stem}.crt`), key: readFileSync(`${stem}.key`) },
    (asked, answer) => {
      let text = ''
      asked.on('data', (part: Buffer) => (text += part.toString()))
      asked.on('end', () => {
        const message = denials.get(new URL(asked.url ?? '', 'https://webhook.test').pathname.slice(1))
        if (typeof message !== 'string') return
        const { uid } = review.parse(JSON.parse(text)).request
        const response = { uid, allowed: false, status: { message } }
        answer.setHeader('content-type', 'application/json')
        answer.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }))
      })
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    register(name, { group, resource, namespace, denial }) {
      denials.set(name, denial)
      const webhook = {
        name: `${name}.webhooks.test`,
        clientConfig: {
          url: `https://127.0.0.1:${address.port}/${name}`,
          caBundle: Buffer.from(plane.ca).toString('base64'),
        },
        rules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: [resource] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
      }
      const configuration = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name },
        webhooks: [webhook],
      }
      plane.kubectl(['apply', '-f', '-'], JSON.stringify(configuration))
    },
    unregister: name => void plane.kubectl(['delete', 'validatingwebhookconfigurations', name]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
