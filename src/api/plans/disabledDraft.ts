import type { PlatformDisable } from '../../contract/operations.ts'
import { disabled, namesIn, wantedIn } from '../../platform/edits/disabled.ts'
import { platformOf, platformSpec } from '../../platform/spec.ts'
import { readAppliedBefore } from '../../store/appliedBefore.ts'
import type { Database } from '../../store/tables.ts'
import type { Application } from '../application.ts'
import type { DesiredDraft } from './draft.ts'

/** What is stored without these components and charts. */
export function disabledDraft(
  { distributions }: Application,
  stored: DesiredDraft,
  { components, namespace }: Pick<PlatformDisable, 'components' | 'namespace'>,
): DesiredDraft {
  const { desired } = stored
  const before = platformOf(desired.spec)
  const platform = disabled(before, wantedIn(before, components, namespace))
  const spec = { ...desired.spec, ...(platform && { platform }) }
  return { ...stored, desired: { ...desired, spec }, keyFiles: distributions.keyFilesOf(spec) }
}

/** Those names that neither the desired state nor the file that was applied last has. */
export async function unknownNames(
  database: Database,
  { desired }: DesiredDraft,
  names: readonly string[],
): Promise<readonly string[]> {
  const before = await readAppliedBefore(database, desired.metadata.name)
  const platforms = [desired.spec.platform, before?.file?.spec.platform].map(
    one => platformSpec.optional().safeParse(one).data,
  )
  const known = namesIn(platforms)
  return names.filter(name => !known.has(name))
}
