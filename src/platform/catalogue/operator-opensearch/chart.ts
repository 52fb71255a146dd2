import type { ChartComponent, ChartDefault } from '../../contract.ts'

/** Version 3 needs cert-manager, and has its objects in another group as well. */
export const chart: ChartDefault = {
  chart: 'opensearch-operator',
  repository: 'https://opensearch-project.github.io/opensearch-k8s-operator',
  version: '2.8.0',
}

/** The chart has the registry in the repository of its image. */
export const values: ChartComponent['values'] = (_settings, { image: { registry, repository, tag } }) => {
  const path = repository ?? 'opensearchproject/opensearch-operator'
  const image = {
    ...((registry !== undefined || repository !== undefined) && {
      repository: registry === undefined ? path : `${registry}/${path}`,
    }),
    ...(tag !== undefined && { tag }),
  }
  return Object.keys(image).length === 0 ? {} : { manager: { image } }
}
