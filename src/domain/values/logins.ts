/** A word that may be a scheme, and slashes of either kind. */
const start = String.raw`^\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]`
const inHost = new RegExp(String.raw`${start}*[^/?#\\]*@`, 'i')
/** Behind a port there is a path, in which an @ may stand. */
const port = String.raw`(?!\d*(?:[/?#\\]|$))`
const inPath = new RegExp(String.raw`${start}+[^/?#\\@:\s]*:${port}\S*@`, 'i')
/** The password of USER:PASSWORD@HOST may hold any sign; an image's digest (pause:3.6@sha256:…) is no host. */
const bareLogin = new RegExp(String.raw`^\s*[^\s:/@=]+:(?![/\\]{2})${port}\S*@(?!sha\d+:)`)

/**
 * Whether a URL carries a login, also one that is not well written otherwise: without a scheme, or with a password that
 * has signs in it which a URL would need to write otherwise (/ ? # @).
 */
export const holdsLogin = (url: string): boolean => inHost.test(url) || inPath.test(url) || bareLogin.test(url)

/** As `holdsLogin`, for any value of a key: a URL may stand in the middle of it, and not every @ is that of a login. */
export function carriesLogin(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const urls = [...value.matchAll(/[a-z][a-z0-9+.-]*:\/\//gi)].map(
    ({ index }) => value.slice(index).split(/\s/)[0] ?? '',
  )
  // Arguments of a component are written NAME=VALUE.
  return urls.some(holdsLogin) || bareLogin.test(value) || bareLogin.test(value.replace(/^-{0,2}[\w.-]+=/, ''))
}
