import { SlipwayError } from '../../domain/errors.ts'

/** Variables of the environment that hold a token: Terraform's, and that of doctl. */
const variables = ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN']

/**
 * The token of the account. @param content of the file that the settings name; null: they name none.
 * @throws SlipwayError `provider-refused` where there is none.
 */
export function tokenOf(content: string | null): string {
  const token = content ?? variables.map(name => process.env[name]).find(value => value !== undefined && value !== '')
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token.trim())) return token.trim()
  throw new SlipwayError(
    'provider-refused',
    token === undefined
      ? 'there is no token for DigitalOcean'
      : 'the token for DigitalOcean is empty, or has signs that no token has',
    {
      remedy:
        'Make one that may write (docs/machines.md), put it into a file, and name that: --set token_file=FILE; or set DIGITALOCEAN_TOKEN where Slipway runs.',
    },
  )
}

/** What its Terraform provider is given in its environment. */
export function tokenEnvironment(
  { token_file: path }: { readonly token_file?: string | undefined },
  file: (path: string) => string,
): Readonly<Record<string, string>> {
  const url = process.env['DIGITALOCEAN_API_URL']
  return {
    DIGITALOCEAN_TOKEN: tokenOf(path === undefined ? null : file(path)),
    ...(url && { DIGITALOCEAN_API_URL: url }),
  }
}
