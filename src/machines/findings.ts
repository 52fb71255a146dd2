import type { Finding } from '../domain/errors.ts'
import type { FindingName } from '../domain/findingCatalogue.ts'

/** About a machine as a whole. */
export const aboutMachine = (
  machine: string,
  name: FindingName,
  severity: Finding['severity'],
  message: string,
  remedy: string,
): Finding => ({ name, severity, about: `machine ${machine}`, message, remedy })
