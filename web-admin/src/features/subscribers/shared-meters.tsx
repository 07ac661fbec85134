// Meters that an account pays for together with others: whose part is how large, and where the meter is read.
import { useQuery } from 'urql'
import { Chip, DataTable, Section, useFormat } from '@aiscra/ui'
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query SharedMeters($number: String!) {
    account(number: $number) {
      id
      sharedMeters { meterPointId byResidents from to parts { accountNumber pointId weight own } }
    }
  }
`)

/** Nothing where all meters are the account's own. */
export function SharedMeters({ number }: { number: string }) {
  const t = useT()
  const format = useFormat()
  const [result] = useQuery({ query, variables: { number } })
  const meters = result.data?.account?.sharedMeters ?? []
  return meters.map((meter) => (
    <Section key={meter.meterPointId} flush title={t('sharing.title')}>
      <DataTable
        caption={t('sharing.title')} rows={meter.parts} rowKey={(row) => row.pointId} empty={null}
        columns={[
          {
            key: 'account', head: t('sharing.account'),
            cell: (row) => row.own
              ? <b className="tab">{row.accountNumber}</b>
              : <Link className="row-link" to="/accounts/$number" params={{ number: row.accountNumber }}>{row.accountNumber}</Link>,
          },
          { key: 'weight', head: meter.byResidents ? t('sharing.residents') : t('sharing.parts'), numeric: true, cell: (row) => format.count(row.weight) },
          { key: 'read', head: '', cell: (row) => row.pointId === meter.meterPointId ? <Chip tone="plain">{t('sharing.readHere')}</Chip> : null },
        ]}
      />
      <Text size="xs" c="dimmed" px="md" pb="sm">{t('sharing.since', { date: format.shortDate(meter.from) })}</Text>
    </Section>
  ))
}
