import { useEffect } from 'react'

/** Asks again every so many milliseconds while work goes on elsewhere. */
export function useAgainWhile(busy: boolean, ask: (options: { requestPolicy: 'network-only' }) => void, every = 1_000) {
  useEffect(() => {
    if (!busy) return
    const timer = setInterval(() => ask({ requestPolicy: 'network-only' }), every)
    return () => clearInterval(timer)
  }, [busy, ask, every])
}
