// One quiet sentence after an act: seen for a few seconds, read out by a screen reader.
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'

const SaidContext = createContext<(words: string) => void>(() => {})
export const useSay = () => useContext(SaidContext)

export function SaidProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ words: string; at: number }>({ words: '', at: 0 })
  useEffect(() => {
    if (!said.words) return
    const timer = setTimeout(() => setSaid({ words: '', at: 0 }), 6_000)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <SaidContext value={(words) => setSaid({ words, at: Date.now() })}>
      {children}
      <div className="said" role="status" aria-live="polite">{said.words}</div>
    </SaidContext>
  )
}

/** The end of an act in a dialog: says what was done, closes, and lets the screen behind read again. */
export function useFinish(close: () => void, after?: () => void): (words: string) => void {
  const say = useSay()
  return (words) => {
    say(words)
    close()
    after?.()
  }
}
