/** `w1, w2, w3`, or `w1 … w9 (9)` where more would fill the line. */
export const hostList = (hostnames: readonly string[]): string =>
  hostnames.length <= 3 ? hostnames.join(', ') : `${hostnames[0]} … ${hostnames.at(-1)} (${hostnames.length})`
