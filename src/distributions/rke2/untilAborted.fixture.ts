/** Waits so many ms. @throws the signal's reason when it is aborted before. */
export async function untilAborted(signal: AbortSignal | undefined, most: number): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, most)
  signal?.addEventListener('abort', () => over.reject(signal.reason), { once: true })
  if (signal?.aborted) over.reject(signal.reason)
  await over.promise.finally(() => clearTimeout(timer))
}
