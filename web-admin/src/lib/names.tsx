// Rows tell who acted by login; people are read by name. Each login is asked for once, those of a screen together.
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from 'react'
import { useClient } from 'urql'
import { graphql } from '../gql'

const query = graphql(`
  query StaffNames($logins: [String!]!) { staffNames(logins: $logins) { login name } }
`)

/** So many the server answers at once. */
const most = 100
const NamesContext = createContext<(login: string) => string>((login) => login)
/** The name of whoever has this login; until it is known, and for what is no login, the word itself. */
export const useName = () => useContext(NamesContext)

export function NamesProvider({ children }: { children: ReactNode }) {
  const client = useClient()
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const wanted = useRef(new Set<string>())
  const waiting = useRef<string[]>([])
  const ask = useCallback(async () => {
    while (waiting.current.length > 0) {
      const logins = waiting.current.splice(0, most)
      const answer = await client.query(query, { logins }).toPromise()
      const found = answer.data?.staffNames ?? []
      if (found.length > 0) setNames((now) => new Map([...now, ...found.map(({ login, name }) => [login, name] as const)]))
    }
  }, [client])
  const name = useCallback(
    (login: string) => {
      if (login && !wanted.current.has(login)) {
        wanted.current.add(login)
        // The rows of this drawing ask for theirs first.
        if (waiting.current.push(login) === 1) setTimeout(() => void ask())
      }
      return names.get(login) ?? login
    },
    [names, ask],
  )
  return <NamesContext value={name}>{children}</NamesContext>
}
