// Money of subscribers over the counter, told apart by desk, cashier, sector or day.
import { useState } from 'react'
import { Group, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, DataTable, Empty, Section, useFormat } from '@aiscra/ui'
import { graphql, type CashReportBy, type Sector } from '../../gql'
import { useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { useName, type Desk } from './parts'

const query = graphql(`
  query CashReport($by: CashReportBy!, $from: Date!, $to: Date!) {
    cashReport(by: $by, from: $from, to: $to) {
      rows { of sales cash card refunds refundedCash refundedCard }
      total { sales cash card refunds refundedCash refundedCard }
    }
  }
`)
const ways: CashReportBy[] = ['DESK', 'CASHIER', 'SECTOR', 'DAY']

export function Report({ desks }: { desks: readonly Desk[] }) {
  const t = useT()
  const format = useFormat()
  const name = useName()
  const today = useToday()
  const codes = useCodes()
  const [by, setBy] = useState<CashReportBy>('DESK')
  const [from, setFrom] = useState(`${today.slice(0, 7)}-01`)
  const [to, setTo] = useState(today)
  const [result, retry] = useQuery({ query, variables: { by, from, to }, pause: !from || !to, requestPolicy: 'cache-and-network' })
  const words = (of: string) => {
    if (by === 'DESK') { const desk = desks.find((one) => one.code === of); return desk ? `${of} · ${name(desk.name)}` : of }
    if (by === 'SECTOR') return t(`enum.Sector.${of.toUpperCase() as Sector}`)
    if (by === 'CASHIER') return codes.actor(of)
    return by === 'DAY' ? format.shortDate(of) : of
  }
  return (
    <Section title={t('cash.tab.report')} flush>
      <Group p="md" gap="sm" align="flex-end">
        <NativeSelect label={t('cash.by')} value={by} onChange={(event) => setBy(event.currentTarget.value as CashReportBy)} data={ways.map((value) => ({ value, label: t(`enum.CashReportBy.${value}`) }))} />
        <TextInput type="date" label={t('cash.from')} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="date" label={t('cash.to')} value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      </Group>
      <Answer result={result} retry={() => retry({ requestPolicy: 'network-only' })}>
        {({ cashReport: { rows, total } }) => (
          <DataTable
            caption={t('cash.tab.report')} rows={rows} rowKey={(row) => row.of} empty={<Empty title={t('cash.noSums')} />}
            columns={[
              { key: 'of', head: t(`enum.CashReportBy.${by}`), cell: (row) => words(row.of) },
              { key: 'sales', head: t('cash.turnover.sales'), numeric: true, cell: (row) => format.count(row.sales), total: by === 'SECTOR' ? null : format.count(total.sales) },
              { key: 'cash', head: t('cash.cash'), numeric: true, cell: (row) => format.money(row.cash), total: format.money(total.cash) },
              { key: 'card', head: t('cash.card'), numeric: true, cell: (row) => format.money(row.card), total: format.money(total.card) },
              { key: 'refunds', head: t('cash.turnover.refunds'), numeric: true, cell: (row) => format.count(row.refunds), total: by === 'SECTOR' ? null : format.count(total.refunds) },
              { key: 'refundedCash', head: t('cash.refundedCash'), numeric: true, cell: (row) => format.money(row.refundedCash), total: format.money(total.refundedCash) },
              { key: 'refundedCard', head: t('cash.refundedCard'), numeric: true, cell: (row) => format.money(row.refundedCard), total: format.money(total.refundedCard) },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
