import { Paper, Title } from '@mantine/core'
import { useQuery } from 'urql'
import { Chart, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Year {
    me { id account { id bills(first: 12) { nodes { id period charged lines { service volume } } } } }
  }
`)

/** Litres, added exactly: volumes come as "12.345". */
const litres = (volume: string) => Math.round(Number(volume) * 1000)

/** My year: what was charged and how much water it was, month by month. */
export function Year() {
  const t = useT()
  const format = useFormat()
  const [{ data }] = useQuery({ query })
  const bills = (data?.me.account.bills.nodes ?? []).toReversed()
  if (bills.length < 2) return null
  const water = bills.map((bill) => bill.lines.filter((line) => line.service === 'WATER').reduce((sum, line) => sum + litres(line.volume), 0))
  return (
    <Paper withBorder p="md" mb="md" component="section" aria-label={t('billing.year')}>
      <Title order={2} fz="md" mb={6}>{t('billing.year')}</Title>
      <Chart
        title={t('billing.year')} corner={t('billing.month')} height={230}
        labels={bills.map((bill) => format.shortMonth(bill.period))} full={bills.map((bill) => format.period(bill.period))}
        series={[
          { name: t('billing.charged'), values: bills.map((bill) => bill.charged) },
          { name: t('billing.waterUsed'), kind: 'line', format: format.volume, values: water.map((sum) => (sum / 1000).toFixed(3)) },
        ]}
      />
    </Paper>
  )
}
