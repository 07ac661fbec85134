import { useCallback } from 'react'
import { useClient } from 'urql'
import { LookupField } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query BuildingLookup($search: String, $district: ID) {
    buildings(search: $search, district: $district, first: 8) { nodes { id address } }
  }
`)

/** A house, found by its street and number. */
export function BuildingField({ name, required, district }: { name: string; required?: boolean; district?: string | undefined }) {
  const t = useT()
  const client = useClient()
  const find = useCallback(
    async (words: string) => {
      const answer = await client.query(query, { search: words || null, district: district || null }).toPromise()
      return (answer.data?.buildings.nodes ?? []).map((one) => ({ id: one.id, label: one.address }))
    },
    [client, district],
  )
  return <LookupField name={name} label={t('subscribers.building')} required={required ?? false} find={find} />
}
