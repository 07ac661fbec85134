// A day of the cash book, KO-4, and the register of its month, KO-3.
import { useState } from 'react'
import { Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, DataTable, Empty, Figures, Section, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Paper } from './journal'
import { useName, type Desk } from './parts'

const query = graphql(`
  query CashBook($desk: ID!, $on: Date!) {
    cashBook(deskId: $desk, on: $on) {
      on opening closing paperPath registerPath
      orders { id kind number amount operation person basis paperPath }
    }
  }
`)

export function Book({ desks }: { desks: readonly Desk[] }) {
  const t = useT()
  const format = useFormat()
  const name = useName()
  const today = useToday()
  const [desk, setDesk] = useState(desks[0]?.id ?? '')
  const [on, setOn] = useState(today)
  const [result, retry] = useQuery({ query, variables: { desk, on }, pause: !desk || !on, requestPolicy: 'cache-and-network' })
  return (
    <Section title={t('cash.tab.book')} flush>
      <Group p="md" gap="sm" align="flex-end">
        <NativeSelect label={t('cash.desk')} value={desk} onChange={(event) => setDesk(event.currentTarget.value)} data={desks.map((one) => ({ value: one.id, label: `${one.code} · ${name(one.name)}` }))} />
        <TextInput type="date" label={t('cash.day')} value={on} onChange={(event) => setOn(event.currentTarget.value)} />
        {result.data && <><Paper path={result.data.cashBook.paperPath} label={t('cash.ko4')} /><Paper path={result.data.cashBook.registerPath} label={t('cash.ko3')} /></>}
      </Group>
      <Answer result={result} retry={() => retry({ requestPolicy: 'network-only' })}>
        {({ cashBook: { opening, closing, orders } }) => (
          <>
            <div style={{ padding: '0 var(--mantine-spacing-md) var(--mantine-spacing-sm)' }}>
              <Figures rows={[{ label: t('cash.opening'), value: format.money(opening) }, { label: t('cash.closingBalance'), value: format.money(closing) }]} />
            </div>
            <DataTable
              caption={t('cash.tab.book')} rows={orders} rowKey={(row) => row.id} empty={<Empty title={t('cash.noOrders')} />}
              columns={[
                { key: 'kind', head: t('cash.order'), cell: (row) => <div>{t(`enum.CashOrderKind.${row.kind}`)}<Text size="xs" c="dimmed" className="tab">{row.number}</Text></div> },
                { key: 'what', head: t('cash.operation'), cell: (row) => <div>{row.operation ? t(`enum.CashOperationKind.${row.operation}`) : t('cash.salesOfShift')}<Text size="xs" c="dimmed">{[row.person, row.basis].filter(Boolean).join(' · ')}</Text></div> },
                { key: 'in', head: t('cash.came'), numeric: true, cell: (row) => row.kind === 'RECEIPT' ? format.money(row.amount) : '' },
                { key: 'out', head: t('cash.went'), numeric: true, cell: (row) => row.kind === 'PAYOUT' ? format.money(row.amount) : '' },
                { key: 'paper', head: '', cell: (row) => <Paper path={row.paperPath} label="PDF" /> },
              ]}
            />
          </>
        )}
      </Answer>
    </Section>
  )
}
