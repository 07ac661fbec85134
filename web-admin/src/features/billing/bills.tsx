import { Paper } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DataTable, Empty, Problem, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query AccountBills($id: ID!, $after: String) {
    account(id: $id) {
      id
      bills(first: 24, after: $after) {
        nodes { id period opening charged paid closing dueOn issuedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

export function BillsTab({ account }: { account: { id: string } }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.bills)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Paper withBorder>
      <DataTable
        caption={t('billing.bills')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more}
        empty={<Empty title={t('billing.noBills')}>{t('billing.noBillsText')}</Empty>}
        columns={[
          { key: 'period', head: t('common.period'), cell: (row) => <Link className="row-link" to="/bills/$id" params={{ id: row.id }}>{format.period(row.period)}</Link> },
          { key: 'state', head: t('common.state'), cell: (row) => row.issuedAt ? <Chip tone="good">{t('billing.issued')}</Chip> : <Chip tone="warn">{t('billing.notIssued')}</Chip> },
          { key: 'opening', head: t('billing.opening'), numeric: true, cell: (row) => format.money(row.opening) },
          { key: 'charged', head: t('billing.charged'), numeric: true, cell: (row) => format.money(row.charged) },
          { key: 'paid', head: t('billing.paid'), numeric: true, cell: (row) => format.money(row.paid) },
          { key: 'closing', head: t('billing.closing'), numeric: true, cell: (row) => <b>{format.money(row.closing)}</b> },
          { key: 'due', head: t('subscribers.due'), cell: (row) => format.shortDate(row.dueOn) },
        ]}
      />
    </Paper>
  )
}
