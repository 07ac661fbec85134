// All that an account owes, page after page: a plan, a dispute and a tie are of the whole list, not of its beginning.
import { useCallback, useEffect, useState } from 'react'
import { Alert } from '@mantine/core'
import { useClient, type Client, type CombinedError } from 'urql'
import { useFormat } from '@aiscra/ui'
import { graphql, type OpenItemsQuery } from '../gql'
import { useT } from './i18n'

const query = graphql(`
  query OpenItems($id: ID!, $after: String) {
    account(id: $id) { id openItems(first: 100, after: $after) { nodes { id service component origin dueOn rest } pageInfo { hasNextPage endCursor } } }
  }
`)

export type OpenItem = NonNullable<OpenItemsQuery['account']>['openItems']['nodes'][number]

/** Services of decades come to some hundreds; a list longer than this is cut, and says so. */
const MOST = 3_000

interface Found {
  of: string
  items: readonly OpenItem[]
  cut: boolean
  error?: CombinedError
}

async function readAll(client: Client, of: string, after: string | null, before: readonly OpenItem[]): Promise<Found> {
  const { data, error } = await client.query(query, { id: of, after }, { requestPolicy: 'network-only' }).toPromise()
  if (error) return { of, items: [], cut: false, error }
  const page = data?.account?.openItems
  const items = [...before, ...(page?.nodes ?? [])]
  const next = page?.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null
  return next && items.length < MOST ? readAll(client, of, next, items) : { of, items, cut: next !== null }
}

/** Not `ready` until the last page is there: a sum of a part would look like the whole. */
export function useOpenItems(account: string) {
  const client = useClient()
  const [found, setFound] = useState<Found | null>(null)
  const load = useCallback(() => {
    let here = true
    void readAll(client, account, null, []).then((all) => {
      if (here) setFound(all)
    })
    return () => {
      here = false
    }
  }, [client, account])
  useEffect(() => load(), [load])
  const own = found?.of === account ? found : null
  return { items: own?.items ?? [], cut: own?.cut ?? false, error: own?.error, ready: own !== null && !own.error, refresh: () => void load() }
}

/** What a screen says where the list was cut: its sums are of a part. */
export function ItemsCut({ owed }: { owed: { items: readonly OpenItem[]; cut: boolean } }) {
  const t = useT()
  const format = useFormat()
  return owed.cut ? <Alert color="orange" variant="light">{t('ledger.itemsCut', { count: format.count(owed.items.length) })}</Alert> : null
}
