import { useCallback } from 'react'
import { useClient } from 'urql'
import { LookupField } from '@aiscra/ui'
import { graphql } from '../../gql'

const accountsQuery = graphql(`
  query AccountLookup($search: String) { accounts(search: $search, first: 8) { nodes { id number address } } }
`)

/** Another account, found by its number or address. */
export function AccountField({ name, label, required }: { name: string; label: string; required?: boolean }) {
  const client = useClient()
  const find = useCallback(
    async (words: string) => {
      const answer = await client.query(accountsQuery, { search: words || null }, { requestPolicy: 'network-only' }).toPromise()
      return (answer.data?.accounts.nodes ?? []).map((one) => ({ id: one.id, label: `${one.number} · ${one.address}` }))
    },
    [client],
  )
  return <LookupField name={name} label={label} required={required ?? false} find={find} />
}
