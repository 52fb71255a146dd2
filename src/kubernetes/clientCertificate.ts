import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ClientCertificate } from './apiAccess.ts'
import { refuse } from './kubeconfigFields.ts'

const certificateForm = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Whether a text is one certificate or more in PEM form, all of them whole. */
export function isAuthority(pem: string): boolean {
  const found = certificatesOf(pem)
  return found.length > 0 && !found.includes(null)
}

/**
 * A certificate with the key that belongs to it; null where there is neither.
 * @throws SlipwayError `kubeconfig-invalid` when they are not whole, don't belong together, or are out of their time.
 */
export function clientCertificateOf(
  certificate: string | null,
  key: string | null,
  place: string,
  now: Date,
): ClientCertificate | null {
  if (certificate === null && key === null) return null
  if (certificate === null) return refuse(`${place}: it has client-key-data without client-certificate-data`)
  if (key === null) return refuse(`${place}: it has client-certificate-data without client-key-data`)
  const [own] = certificatesOf(certificate)
  if (!own) return refuse(`${place}: client-certificate-data holds no certificate in PEM form`)
  const opened = privateKeyOf(key)
  if (!opened) return refuse(`${place}: client-key-data holds no private key in PEM form, or one with a passphrase`)
  if (!own.checkPrivateKey(opened))
    return refuse(`${place}: its client key is not that of its client certificate`, fetchAnew)
  if (own.validToDate < now)
    return refuse(`${place}: its client certificate expired at ${told(own.validToDate)}`, fetchAnew)
  if (own.validFromDate > now)
    return refuse(
      `${place}: its client certificate is not valid before ${told(own.validFromDate)}`,
      'Compare the clocks of this machine and of the cluster.',
    )
  return { certificate, key }
}

const fetchAnew = 'Fetch the kubeconfig of the cluster anew.'

const told = (time: Date): string => time.toISOString().replace('.000Z', 'Z')

/** Null for one that is damaged. */
const certificatesOf = (pem: string): readonly (X509Certificate | null)[] =>
  (pem.match(certificateForm) ?? []).map(text => {
    try {
      return new X509Certificate(text)
    } catch {
      return null
    }
  })

function privateKeyOf(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}
