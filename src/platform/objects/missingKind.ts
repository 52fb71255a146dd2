import type { Unmet } from '../../engine/contract/stage.ts'

/** A kind of objects that the API does not serve, or not in this version. */
export interface MissingKind {
  readonly kind: string
  /** `monitoring.coreos.com/v1` */
  readonly apiVersion: string
  /** The versions in which it is served; empty: none. */
  readonly instead: readonly string[]
}

/** `VMCluster (operator.victoriametrics.com/v1beta1), only v1`. Pure. */
export const missingKindText = ({ kind, apiVersion, instead }: MissingKind): string =>
  `${kind} (${apiVersion})${instead.length === 0 ? '' : `, only ${instead.join(', ')}`}`

/** @param wants what is made of such objects: `the component`, `the chart`. Pure. */
export function missingKindFinding(missing: MissingKind, wants: string): Omit<Unmet, 'about'> {
  const { kind, apiVersion, instead } = missing
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return {
    name: 'definition-missing',
    severity: 'error',
    message: `the API does not know ${missingKindText(missing)}`,
    remedy:
      instead.length === 0
        ? 'Enable the operator that brings it, or have it installed; what brings it and is a chart of this file has to come before (after).'
        : `What brings ${kind} serves it as ${instead.join(', ')} only, and ${wants} is written for ${version}: have that brought to a version that serves ${version}, by whoever runs it, or take a version of ${wants} that is written for ${instead.join(' or ')}.`,
  }
}
