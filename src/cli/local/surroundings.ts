import type { Surroundings } from '../surroundings.ts'

/** What the real command line is given; the server's code is loaded only when one is started. */
export const surroundings: Surroundings = {
  async startServer(options) {
    const { startLocalServer } = await import('./startServer.ts')
    return startLocalServer(options, async () => {
      const [{ clusterStagesOf }, distributions] = await Promise.all([
        import('../../server/clusterStages.ts'),
        import('../../distributions/index.ts').then(({ loadDistributions }) => loadDistributions()),
      ])
      return clusterStagesOf(distributions)
    })
  },
}
