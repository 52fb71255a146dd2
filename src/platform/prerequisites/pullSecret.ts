import { z } from 'zod'
import type { KeyFileKind } from '../../domain/clusterFile/keyFiles.ts'
import { type Reading, refuse, withoutMark } from '../../domain/clusterFile/secretLine.ts'

const entry = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
})
const dockerConfig = z.looseObject({ auths: z.record(z.string(), entry) })

/** Logins of image registries, as `docker login` and `kubectl create secret docker-registry` write them. */
export const pullSecretFile: KeyFileKind = { name: 'pull-secret', read: readPullSecret }

/** The file as a Secret takes it. Never quotes it. */
export function readPullSecret(contents: string): Reading<string> {
  const wrong = (message: string) =>
    refuse<string>(
      'pull-secret-invalid',
      message,
      'Name a config.json as docker login writes it: {"auths": {"registry.example": {"auth": "…"}}}.',
    )
  const text = withoutMark(contents)
  const read = dockerConfig.safeParse(parsed(text))
  if (!read.success) return wrong('it is no JSON with logins of registries (auths)')
  const { auths } = read.data
  const without = Object.entries(auths).filter(([, { auth, username, password }]) => !auth && !(username && password))
  if (Object.keys(auths).length === 0) return wrong('it has no login')
  if (without.length > 0)
    return wrong(
      'a login of it has neither auth nor username and password: perhaps docker keeps it elsewhere (credsStore)',
    )
  return { ok: true, value: JSON.stringify(read.data) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
