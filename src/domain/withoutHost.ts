/** A message about a host without `HOST: ` before it, for where the host is named beside it. */
export const withoutHost = (message: string, host: string): string =>
  message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message
