import { useCallback } from 'react'
import { useClient } from 'urql'
import { LookupField, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'

const query = graphql(`
  query DocumentLookup($search: String) {
    documents(search: $search, first: 8) { nodes { id kind number issuedOn subject } }
  }
`)

/** The official document an act rests on, found by its number or subject. */
export function DocumentField({ name, required, hint }: { name: string; required?: boolean; hint?: string }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const client = useClient()
  const find = useCallback(
    async (words: string) => {
      const answer = await client.query(query, { search: words || null }, { requestPolicy: 'network-only' }).toPromise()
      return (answer.data?.documents.nodes ?? []).map((one) => ({
        id: one.id, label: t('archive.line', { number: paperNumber(one.number), date: format.shortDate(one.issuedOn), subject: one.subject }),
      }))
    },
    [client, format, t],
  )
  if (!can('DOCUMENT_READ')) return null
  return <LookupField name={name} label={t('archive.document')} hint={hint ?? t('archive.documentHint')} required={required ?? false} find={find} />
}
