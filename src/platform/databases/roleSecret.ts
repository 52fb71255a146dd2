import type { SecretPlace } from './login.ts'

/** The Secret of a role that database-init has made. Pure. */
export const roleSecret = (namespace: string, role: string): SecretPlace => ({
  namespace,
  name: `database-role-${role.replaceAll('_', '-')}`,
})
