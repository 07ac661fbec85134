// Keyset paging: pages are appended in the order they arrive, each asked for by the cursor of the one before.
import { useState } from 'react'
import { useClient, useQuery, type AnyVariables, type CombinedError } from 'urql'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'

export interface Connection<Row> {
  nodes: readonly Row[]
  pageInfo: { hasNextPage: boolean; endCursor?: string | null }
}

interface Pages<Row> {
  rows: readonly Row[]
  ready: boolean
  error: CombinedError | undefined
  more: { has: boolean; busy: boolean; load: () => void }
  refresh: () => void
}

/** `pick` finds the connection in the answer; `variables` without `after` identify the list. */
export function usePages<Data, Variables extends AnyVariables, Row>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pick: (data: Data) => Connection<Row> | null | undefined,
  pause = false,
): Pages<Row> {
  const client = useClient()
  const key = JSON.stringify(variables)
  const [first, refetch] = useQuery<Data, Variables>({ query: document, variables, pause })
  const [rest, setRest] = useState<{ key: string; pages: Connection<Row>[]; busy: boolean; error?: CombinedError | undefined }>({
    key, pages: [], busy: false,
  })

  const head = first.data ? pick(first.data) : undefined
  const pages = rest.key === key ? rest.pages : []
  const last = pages.at(-1) ?? head
  const load = () => {
    const after = last?.pageInfo.endCursor
    if (!after || (rest.key === key && rest.busy)) return
    setRest({ key, pages: [...pages], busy: true })
    void client
      .query(document as never, { ...(variables as object), after } as never, { requestPolicy: 'network-only' })
      .toPromise()
      .then((answer) => {
        const page = answer.data ? pick(answer.data as Data) : undefined
        setRest((now) =>
          now.key === key ? { ...now, busy: false, error: answer.error, pages: page ? [...now.pages, page] : now.pages } : now,
        )
      })
  }
  return {
    rows: head ? [...head.nodes, ...pages.flatMap((page) => page.nodes)] : [],
    ready: Boolean(head),
    error: first.error ?? rest.error,
    more: { has: Boolean(last?.pageInfo.hasNextPage), busy: rest.key === key && rest.busy, load },
    refresh: () => {
      setRest({ key, pages: [], busy: false })
      refetch({ requestPolicy: 'network-only' })
    },
  }
}
