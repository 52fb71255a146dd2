import type { Release } from '../../helm/release.ts'

/** `release apps/web of web 1.0.0` */
export const releaseText = ({ namespace, name, chart }: Release): string =>
  `release ${namespace}/${name} of ${chart.name} ${chart.version}`
