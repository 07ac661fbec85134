// Bank statements that were brought, newest first.
import { Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DialogButton, Empty, IconImport, PagedTable, Section, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../../gql'
import { useCan } from '../../../lib/can'
import { useT } from '../../../lib/i18n'
import { Who } from '../../../lib/who'
import { StatementUpload } from './board'
import { ReconcileHead, fileTone } from './parts'

const query = graphql(`
  query Statements($after: String) {
    statements(first: 30, after: $after) {
      nodes { id account from to moneyIn moneyOut closing linesTotal filename state error uploadedBy uploadedAt counts { state decision count } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export function Statements() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const pages = usePages(query, {}, (data) => data.statements)
  return (
    <>
      <ReconcileHead title={t('recon.statements')} lead={t('recon.statementsLead')}>
        {can('RECONCILE_WRITE') && <DialogButton label={t('recon.bringStatement')} icon={<IconImport size={16} />} variant="filled">{() => <StatementUpload />}</DialogButton>}
      </ReconcileHead>
      <Stack>
        <Section flush title={t('recon.statements')}>
          <PagedTable
            caption={t('recon.statements')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('recon.noStatements')}>{t('recon.statementFormats')}</Empty>}
            columns={[
              { key: 'days', head: t('recon.span'), fixed: true, cell: (row) => <Link className="row-link tab" to="/reconciliation/statements/$id" params={{ id: row.id }}>{row.from === row.to ? format.shortDate(row.from) : `${format.shortDate(row.from)} – ${format.shortDate(row.to)}`}</Link> },
              { key: 'account', head: t('recon.iban'), cell: (row) => <div className="tab">{row.account}<Text size="xs" c="dimmed">{row.filename}</Text></div> },
              {
                key: 'state', head: t('common.state'),
                cell: (row) => {
                  const waiting = row.counts.filter((one) => !one.decision && !['PENDING', 'OUT', 'DUPLICATE'].includes(one.state)).reduce((sum, one) => sum + one.count, 0)
                  return waiting > 0 && row.state === 'MATCHED'
                    ? <Chip tone="warn">{t('recon.undecided', { count: waiting })}</Chip>
                    : <div><Chip tone={fileTone[row.state]}>{t(`enum.StatementState.${row.state}`)}</Chip>{row.error && <Text size="xs" c="var(--bad)">{row.error}</Text>}</div>
                },
              },
              { key: 'lines', head: t('imports.rows'), numeric: true, cell: (row) => format.count(row.linesTotal) },
              { key: 'in', head: t('recon.moneyIn'), numeric: true, cell: (row) => <b>{format.money(row.moneyIn)}</b> },
              { key: 'out', head: t('recon.moneyOut'), numeric: true, cell: (row) => format.money(row.moneyOut) },
              { key: 'closing', head: t('recon.closing'), numeric: true, cell: (row) => format.money(row.closing) },
              { key: 'who', head: t('imports.who'), cell: (row) => <div><Who by={row.uploadedBy} /><Text size="xs" c="dimmed">{format.dateTime(row.uploadedAt)}</Text></div> },
            ]}
          />
        </Section>
      </Stack>
    </>
  )
}
