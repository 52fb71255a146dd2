import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the Terraform module of a provider that comes along. */
export const moduleFolder = (provider: string): string =>
  join(fileURLToPath(new URL('../../terraform', import.meta.url)), provider)
