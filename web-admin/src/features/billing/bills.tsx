import { Paper, Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DataTable, Empty, Problem, Section, Waiting, sign, unsigned, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { OneOffs } from './one-offs'

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

const correctionsQuery = graphql(`
  query AccountCorrections($id: ID!, $after: String) {
    account(id: $id) {
      id
      corrections(first: 20, after: $after) {
        nodes { correction { id number state reason from to } row { outcome gross } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

/** What was corrected afterwards; nothing is shown where nothing was. */
function AccountCorrections({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(correctionsQuery, { id }, (data) => data.account?.corrections)
  if (pages.rows.length === 0) return null
  return (
    <Section title={t('nav.corrections')}>
      <DataTable
        caption={t('nav.corrections')} rows={pages.rows} rowKey={(row) => row.correction.id} more={pages.more} empty={null}
        columns={[
          { key: 'number', head: t('corrections.number'), cell: (row) => <Link className="row-link tab" to="/corrections/$id" params={{ id: row.correction.id }}>{`№\u00a0${row.correction.number}`}</Link> },
          { key: 'state', head: t('common.state'), cell: (row) => t(`enum.CorrectionOutcome.${row.row.outcome}`) },
          { key: 'reason', head: t('corrections.reason'), cell: (row) => row.correction.reason },
          { key: 'months', head: t('corrections.months'), cell: (row) => (row.correction.from === row.correction.to ? format.period(row.correction.from) : `${format.period(row.correction.from)} – ${format.period(row.correction.to)}`) },
          { key: 'gross', head: t('preview.difference'), numeric: true, cell: (row) => <b>{sign(row.row.gross) < 0 ? '\u2212' : '+'}{format.money(unsigned(row.row.gross))}</b> },
        ]}
      />
    </Section>
  )
}

export function BillsTab({ account, onChange }: { account: { id: string }; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.bills)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Stack>
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
      <AccountCorrections id={account.id} />
      <OneOffs account={account} onChange={onChange} />
    </Stack>
  )
}
