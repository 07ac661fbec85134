import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core'
import { Provider, type Client } from 'urql'
import type { Language } from './format'
import { LanguageProvider, type Messages } from './i18n'
import { SaidProvider } from './said'
import type { Session, Tokens } from './session'
import { theme } from './theme'

const scheme = localStorageColorSchemeManager({ key: 'aiscra.scheme' })

/** Paper is white: while a page is printed, it wears the light theme. */
function usePaper() {
  useEffect(() => {
    const paper = matchMedia('print')
    const root = document.documentElement
    let before: string | null = null
    const turn = () => {
      const name = 'data-mantine-color-scheme'
      if (paper.matches) {
        before = root.getAttribute(name)
        root.setAttribute(name, 'light')
      } else if (before) root.setAttribute(name, before)
    }
    paper.addEventListener('change', turn)
    return () => paper.removeEventListener('change', turn)
  }, [])
}

interface SessionState {
  signedIn: boolean
  /** The server ended the session that was here. */
  ended: boolean
  signIn(tokens: Tokens): void
  signOut(): void
}
const SessionContext = createContext<SessionState | null>(null)
export const useSession = (): SessionState => useContext(SessionContext)!

/** Everything the screens of an application stand on: theme, words, the signed-in person and the client made for that person. */
export function Root({
  session, makeClient, load, children,
}: {
  session: Session
  makeClient: () => Client
  load: Record<Language, () => Promise<{ default: Messages }>>
  children: ReactNode
}) {
  usePaper()
  const signedIn = useSyncExternalStore(session.onChange, session.signedIn)
  // A new client for each person and each language: nothing cached is shown to the next one or in the wrong words.
  const [generation, setGeneration] = useState(0)
  const renew = useCallback(() => setGeneration((now) => now + 1), [])
  const { client } = useMemo(() => ({ client: makeClient(), generation, signedIn }), [makeClient, generation, signedIn])
  const state = useMemo<SessionState>(
    () => ({
      signedIn,
      ended: session.ended(),
      signIn(tokens) {
        session.start(tokens)
        renew()
      },
      signOut: () => session.end(),
    }),
    [session, signedIn, renew],
  )
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={scheme}>
      <LanguageProvider load={load} onChange={renew}>
        <SessionContext value={state}>
          <Provider value={client}><SaidProvider>{children}</SaidProvider></Provider>
        </SessionContext>
      </LanguageProvider>
    </MantineProvider>
  )
}
