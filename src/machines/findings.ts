import type { Finding } from '../domain/errors.ts'
import type { FindingName } from '../domain/findingCatalogue.ts'
import type { SettingsFault } from './contract.ts'

/** About a machine as a whole. */
export const aboutMachine = (
  machine: string,
  name: FindingName,
  severity: Finding['severity'],
  message: string,
  remedy: string,
): Finding => ({ name, severity, about: `machine ${machine}`, message, remedy })

/** What its provider has against making a machine. */
export const hindrance = (machine: string, { name, path, message, remedy }: SettingsFault): Finding => ({
  name,
  severity: 'error',
  about: path === '' ? `machine ${machine}` : `machine ${machine}: ${path}`,
  message,
  remedy,
})
