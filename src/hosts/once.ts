/** Loads once and keeps it; what failed, at once or as a promise, is tried again the next time. */
export function once<Value>(load: () => Value): () => Value {
  let loaded: { readonly value: Value } | undefined
  return () => {
    if (loaded) return loaded.value
    const started = { value: load() }
    loaded = started
    if (started.value instanceof Promise)
      started.value.catch(() => {
        if (loaded === started) loaded = undefined
      })
    return started.value
  }
}
