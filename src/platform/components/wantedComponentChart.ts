import type { StageContext } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import type { WantedChart } from '../charts/changes.ts'
import { chartAsWanted } from '../charts/wantedChart.ts'
import { merged } from '../charts/valueChanges.ts'
import type { ChartComponent } from '../contract.ts'
import type { PlatformSession } from '../platformSession.ts'
import { chartOf, type EnabledComponent, ownSettings } from './enabled.ts'

/** The chart of a component with its values: what follows from its settings, and over it what the user has set. */
export function wantedComponentChart(
  enabled: EnabledComponent<ChartComponent>,
  session: PlatformSession,
  context: StageContext,
  around: HelmSurroundings,
): Promise<WantedChart> {
  const { component, namespace, image, set } = enabled
  const own = component.values(ownSettings(enabled), { namespace, image, storageClass: null })
  const wanted = { ...chartOf(enabled), values: merged(own, set.values ?? {}), secret_values: set.secret_values }
  return chartAsWanted({ name: component.name, namespace }, wanted, session, context, around)
}
