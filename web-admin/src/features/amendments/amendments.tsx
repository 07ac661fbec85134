// Amendments of facts of open months: prepared on a document, looked at, then saved; the list.
import { Paper, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DialogButton, Empty, IconPlus, PageHead, PagedTable, sign, useFormat, usePages, type Tone } from '@aiscra/ui'
import { graphql, type AmendmentState } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { AmendForm } from './form'

const query = graphql(`
  query Amendments($after: String) {
    amendments(first: 50, after: $after) {
      nodes { id number state reason rowCount ready refused accounts owedMore owedLess createdBy createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export const amendmentTone: Record<AmendmentState, Tone> = {
  RECKONING: 'busy', PREVIEWED: 'warn', WAITING: 'warn', APPLYING: 'busy', APPLIED: 'good', REVERSING: 'busy', REVERSED: 'plain', STALE: 'bad', WITHDRAWN: 'plain',
}

export function Amendments() {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const codes = useCodes()
  const pages = usePages(query, {}, (data) => data.amendments)
  return (
    <>
      <PageHead title={t('nav.amendments')} lead={t('amendments.lead')}>
        {can('CORRECTION_WRITE') && (
          <DialogButton label={t('amendments.new')} variant="filled" icon={<IconPlus size={16} />}>
            {(close) => <AmendForm close={close} />}
          </DialogButton>
        )}
      </PageHead>
      <Paper withBorder>
        <PagedTable
          caption={t('nav.amendments')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('amendments.none')}>{t('amendments.noneText')}</Empty>}
          columns={[
            { key: 'number', head: t('corrections.number'), cell: (row) => <Link className="row-link tab" to="/amendments/$id" params={{ id: row.id }}>{`№\u00a0${row.number}`}</Link> },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={amendmentTone[row.state]}>{t(`enum.AmendmentState.${row.state}`)}</Chip> },
            { key: 'reason', head: t('corrections.reason'), cell: (row) => row.reason },
            { key: 'rows', head: t('amendments.rows'), numeric: true, cell: (row) => <div>{t('common.of', { done: format.count(row.ready), total: format.count(row.rowCount) })}{row.refused > 0 && <Text size="xs" c="dimmed">{t('amendments.refusedCount', { count: format.count(row.refused) })}</Text>}</div> },
            { key: 'accounts', head: t('amendments.accounts'), numeric: true, cell: (row) => format.count(row.accounts) },
            { key: 'more', head: t('amendments.owedMore'), numeric: true, cell: (row) => (sign(row.owedMore) === 0 ? '—' : `+${format.money(row.owedMore)}`) },
            { key: 'less', head: t('amendments.owedLess'), numeric: true, cell: (row) => (sign(row.owedLess) === 0 ? '—' : `\u2212${format.money(row.owedLess)}`) },
            { key: 'who', head: t('corrections.createdBy'), cell: (row) => <div>{codes.actor(row.createdBy)}<Text size="xs" c="dimmed">{format.dateTime(row.createdAt)}</Text></div> },
          ]}
        />
      </Paper>
    </>
  )
}
