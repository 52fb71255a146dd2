import { z } from 'zod'
import { hasLabels, type Labels, type LabObject } from './objects.ts'

/** By what the Deployment of an operator is known, and where it says which namespaces it looks at. */
export interface OperatorMarks {
  readonly labels: Labels
  /** Other operators may have the labels, and containers beside it may come first. */
  readonly container: string
  /** Where it says which namespaces it watches: names that are separated, none of which is all of them. */
  readonly watch: { readonly variable: string } | { readonly argument: string }
}

/** An operator that runs. */
export interface Installed {
  readonly namespace: string
  /** Null: all. */
  readonly watches: readonly string[] | null
  readonly image: string
  /** Of its container. */
  readonly environment: Readonly<Record<string, string>>
}

const deploymentShape = z.object({
  metadata: z.object({ namespace: z.string() }),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          z.object({
            name: z.string(),
            image: z.string(),
            args: z.array(z.string()).default([]),
            env: z
              .array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }))
              .default([]),
          }),
        ),
      }),
    }),
  }),
  status: z.object({ availableReplicas: z.int().default(0) }).prefault({}),
})

/** The operator of a Deployment; null when that one is something else, or has no pod that is available. */
export function installedBy(marks: OperatorMarks, object: LabObject): Installed | null {
  if (!hasLabels(object, marks.labels)) return null
  const { metadata, spec, status } = deploymentShape.parse(object)
  const container = spec.template.spec.containers.find(({ name }) => name === marks.container)
  if (!container || status.availableReplicas < 1) return null
  const { namespace } = metadata
  // The one reference to a field that operators use here is the one to their own namespace.
  const environment = Object.fromEntries(
    container.env.map(({ name, value, valueFrom }) => [name, value ?? (valueFrom === undefined ? '' : namespace)]),
  )
  const said =
    'variable' in marks.watch ? environment[marks.watch.variable] : valueOf(marks.watch.argument, container.args)
  const names = (said ?? '').split(/[^a-z0-9-]+/).filter(name => name !== '')
  return { namespace, watches: names.length === 0 ? null : names, image: container.image, environment }
}

const valueOf = (argument: string, args: readonly string[]): string | undefined =>
  args.find(arg => arg.startsWith(`${argument}=`))?.slice(argument.length + 1)

export const watchesNamespace = ({ watches }: Installed, namespace: string | undefined): boolean =>
  watches === null || namespace === undefined || watches.includes(namespace)
