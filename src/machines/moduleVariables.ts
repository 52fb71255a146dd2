import type { Json } from '../contract/json.ts'
import type { WantedMachine } from './contract.ts'

/** What every module is given, where it declares such a variable. */
export const moduleVariables = ({
  name,
  uid,
  memory,
  cpus,
  disk,
  image,
  user_data,
  login,
}: WantedMachine<unknown>): Readonly<Record<string, Json>> => ({
  name,
  uid,
  user_data,
  login_user: login.user,
  login_key: login.public_key,
  ...(memory !== undefined && { memory_mib: memory }),
  ...(cpus !== undefined && { cpus }),
  ...(disk !== undefined && { disk_gib: disk }),
  ...(image !== undefined && { image }),
})
