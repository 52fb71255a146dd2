import { z } from 'zod'
import { clusterName, filePath } from '../domain/names.ts'
import { flag } from '../domain/values/forms.ts'
import { catalogue } from './catalogue/index.ts'
import { sourceFields } from './chartSource.ts'
import { registryAddress } from './images.ts'

/** What can be set of every component. */
const common = {
  enabled: flag
    .optional()
    .describe('false: Slipway leaves it alone, with all that is there of it; default true, where it is named'),
  required: flag
    .optional()
    .describe('false: what needs it is left out where it fails, and the run ends as completed with warnings'),
  namespace: clusterName.optional().describe('Made where it is not there'),
  timeout_s: z.int().min(10).max(7200).optional().describe('How long it may take until it is ready'),
}

/** What can be set of those that are charts. */
const ofCharts = {
  chart: sourceFields.chart.optional(),
  repository: sourceFields.repository,
  version: sourceFields.version,
  digest: sourceFields.digest,
  min_version: z
    .string()
    .regex(/^v?\d+\.\d+(\.\d+)?$/, 'a version is written like 1.2.3')
    .optional()
    .describe('The oldest version of an installation of somebody else that is used'),
  image: z
    .strictObject({
      registry: registryAddress.optional().describe('In place of its own, and of image_registry'),
      repository: z.string().min(1).max(255).optional().describe('Path of the image in its registry'),
      tag: z
        .string()
        .regex(/^[\w][\w.-]{0,127}$/, 'a tag has letters, digits and the signs . _ -')
        .optional(),
    })
    .optional()
    .describe('Where its image comes from'),
  values: z.record(z.string(), z.json()).optional().describe('Values of its chart, over those of Slipway'),
  secret_values: filePath
    .optional()
    .describe('File with more values, over the others; relative to the cluster file, stored sealed, shown nowhere'),
}
function emptyOr(settings: z.ZodObject = z.object({})) {
  const parsed = z.record(z.string(), z.unknown())
  return z.codec(z.union([settings, z.null()]), parsed, {
    decode: given => given ?? settings.safeParse({}).data ?? {},
    encode: given => given,
  })
}

const commonSettings = z.strictObject({ ...common, ...ofCharts }).partial()

/** What of a component is read whichever it is. */
export type ComponentSettings = z.infer<typeof commonSettings>

/** What can be set of each component, strict. What of a component only it has is typed by itself alone. */
export const componentSchemas: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  catalogue.map(component => [
    component.name,
    z.strictObject({ ...common, ...(component.kind === 'chart' ? ofCharts : {}), ...component.settings }),
  ]),
)

/** `spec.platform.components`. A name with nothing behind it is a component of which nothing is set. */
export const componentsShape = z.strictObject(
  Object.fromEntries(
    catalogue.map(({ name, title }) => [name, emptyOr(componentSchemas[name]).optional().describe(title)]),
  ),
)
