// The balance and the count of residents on a day, as they were known then or on another day.
import { useState, type FormEvent } from 'react'
import { Alert, Box, Button, Stack, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, DataTable, Empty, FieldRow, Figures, Section, useFormat, useUi } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useToday } from '../../lib/can'
import { endOfDay } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { Balance } from './balance'

const query = graphql(`
  query AccountAsOf($id: ID!, $validOn: Date!, $knownAt: DateTime) {
    account(id: $id) {
      id
      balanceAsOf(validOn: $validOn, knownAt: $knownAt) { validOn knownAt balance parts { service component amount } }
      residentsAsOf(validOn: $validOn, knownAt: $knownAt) { id residents from source }
    }
  }
`)

export function AsOf({ id }: { id: string }) {
  const t = useT()
  const ui = useUi()
  const today = useToday()
  const [validOn, setValidOn] = useState(today)
  const [knownOn, setKnownOn] = useState('')
  const [bad, setBad] = useState(false)
  const [asked, setAsked] = useState<{ validOn: string; knownOn: string } | null>(null)
  const look = (event: FormEvent) => {
    event.preventDefault()
    setBad(!validOn)
    if (validOn) setAsked({ validOn, knownOn })
  }
  return (
    <Section title={t('asOf.title')}>
      <Stack gap="sm">
        <form noValidate onSubmit={look}>
          <Box maw={640}><FieldRow>
            <TextInput type="date" label={t('asOf.validOn')} value={validOn} onChange={(event) => { setValidOn(event.currentTarget.value); setBad(false) }} required error={bad && ui('ui.form.required')} />
            <TextInput type="date" label={t('asOf.knownOn')} description={t('asOf.knownHint')} value={knownOn} onChange={(event) => setKnownOn(event.currentTarget.value)} />
            <Button type="submit" variant="default" mt={22} w="fit-content">{t('asOf.look')}</Button>
          </FieldRow></Box>
        </form>
        {asked && <Found key={`${asked.validOn} ${asked.knownOn}`} id={id} {...asked} />}
      </Stack>
    </Section>
  )
}

function Found({ id, validOn, knownOn }: { id: string; validOn: string; knownOn: string }) {
  const t = useT()
  const format = useFormat()
  const knownAt = knownOn ? endOfDay(knownOn) : null
  const [result, refetch] = useQuery({ query, variables: { id, validOn, knownAt }, requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={3}>
      {({ account }) => account && (
        <Stack gap="sm">
          {knownOn && <Alert color="yellow" role="status">{t('asOf.banner', { valid: format.date(validOn), known: format.date(knownOn) })}</Alert>}
          <Figures
            rows={[
              { label: t('asOf.balance'), value: <Balance value={account.balanceAsOf.balance} /> },
              { label: t('asOf.residents'), value: account.residentsAsOf ? format.count(account.residentsAsOf.residents) : '—' },
            ]}
          />
          <DataTable
            caption={t('asOf.parts')} rows={account.balanceAsOf.parts} rowKey={(row) => `${row.service}${row.component}`} empty={<Empty title={t('asOf.nothing')} />}
            columns={[
              { key: 'service', head: t('billing.service'), cell: (row) => row.service ? t(`enum.Service.${row.service}`) : t('ledger.advance') },
              { key: 'component', head: t('asOf.component'), cell: (row) => row.component ? t(`enum.Component.${row.component}`) : '—' },
              { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => format.money(row.amount) },
            ]}
          />
        </Stack>
      )}
    </Answer>
  )
}
