import { useEffect, useRef } from 'react'
import { Group, Paper, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, sign, useFormat } from '@aiscra/ui'
import { graphql, type Sector } from '../../gql'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'

const query = graphql(`
  query TrialBalance($period: Period!, $sector: Sector!) {
    trialBalance(period: $period, sector: $sector) {
      period difference subLedgerDifference
      rows { account debit credit }
    }
  }
`)

/** Turnover of the month by ledger account; both differences must be zero. `stamp` changes when the month's figures do. */
export function TrialBalance({ period, sector, stamp }: { period: string; sector: Sector; stamp: string }) {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query, variables: { period, sector } })
  const seen = useRef(stamp)
  useEffect(() => {
    if (seen.current === stamp) return
    seen.current = stamp
    refetch({ requestPolicy: 'network-only' })
  }, [stamp, refetch])
  return (
    <Paper withBorder p="lg" component="section" aria-label={t('ledger.trialBalance')}>
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })}>
        {({ trialBalance }) => (
          <>
            <Group justify="space-between" mb="sm">
              <Text component="h2" fw={600} fz="md">{t('ledger.trialBalance')}</Text>
              <Group gap="xs">
                <Zero label={t('ledger.difference')} value={trialBalance.difference} />
                <Zero label={t('ledger.subLedger')} value={trialBalance.subLedgerDifference} />
              </Group>
            </Group>
            {trialBalance.rows.length === 0 ? <Text size="sm" c="dimmed">{t('ledger.noEntries')}</Text> : (
              <DataTable
                caption={t('ledger.trialBalance')} rows={trialBalance.rows} rowKey={(row) => row.account} empty={null}
                columns={[
                  { key: 'account', head: t('ledger.ledgerAccount'), cell: (row) => t(`enum.LedgerAccount.${row.account}`) },
                  { key: 'debit', head: t('ledger.debit'), numeric: true, cell: (row) => sign(row.debit) === 0 ? '—' : format.money(row.debit), total: format.money(addUp(trialBalance.rows.map((row) => row.debit))) },
                  { key: 'credit', head: t('ledger.credit'), numeric: true, cell: (row) => sign(row.credit) === 0 ? '—' : format.money(row.credit), total: format.money(addUp(trialBalance.rows.map((row) => row.credit))) },
                ]}
              />
            )}
          </>
        )}
      </Answer>
    </Paper>
  )
}

function Zero({ label, value }: { label: string; value: string }) {
  const format = useFormat()
  return <Chip tone={sign(value) === 0 ? 'good' : 'bad'}>{label}: {format.money(value)}</Chip>
}
