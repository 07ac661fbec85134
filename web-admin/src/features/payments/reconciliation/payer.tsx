// What is personal of who paid: asked for one at a time, each look is recorded.
import { useState } from 'react'
import { Button, Text } from '@mantine/core'
import { useClient } from 'urql'
import { graphql, type PayerDetailsInput, type PayerDetailsQuery } from '../../../gql'
import { useT } from '../../../lib/i18n'

const query = graphql(`
  query PayerDetails($of: PayerDetailsInput!) { payerDetails(of: $of) { identification iban purpose } }
`)

export function Payer({ of }: { of: PayerDetailsInput }) {
  const t = useT()
  const client = useClient()
  const [busy, setBusy] = useState(false)
  const [seen, setSeen] = useState<PayerDetailsQuery['payerDetails'] | 'failed' | 'none'>()
  const look = async () => {
    setBusy(true)
    const answer = await client.query(query, { of }, { requestPolicy: 'network-only' }).toPromise()
    setBusy(false)
    setSeen(answer.error ? 'failed' : answer.data?.payerDetails ?? 'none')
  }
  if (!seen) return <Button size="compact-xs" variant="subtle" px={0} loading={busy} onClick={() => void look()}>{t('recon.showPayer')}</Button>
  if (typeof seen === 'string') return <Text size="xs">{t(seen === 'failed' ? 'recon.payerFailed' : 'recon.noPayer')}</Text>
  return <Text size="xs" className="tab">{[seen.identification, seen.iban, seen.purpose].filter(Boolean).join(' · ')}</Text>
}
