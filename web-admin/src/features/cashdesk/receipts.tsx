// Fiscal documents: what waits, what was refused, what is registered.
import { useState } from 'react'
import { Button, Group, Switch, Text } from '@mantine/core'
import { Empty, PagedTable, Problem, Refusals, Section, useAct, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { fiscalRetryMutation } from './graph'
import { FiscalChip } from './parts'

const query = graphql(`
  query FiscalReceipts($open: Boolean!, $after: String) {
    fiscalReceipts(open: $open, first: 40, after: $after) {
      nodes { id kind state createdAt attempts nextAt errorCode error checkNumber registered externalNumber ticketUrl desk { id code } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export function Receipts() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [open, setOpen] = useState(true)
  const pages = usePages(query, { open }, (data) => data.fiscalReceipts)
  const act = useAct(fiscalRetryMutation)
  const again = async (id: string) => {
    await act.run({ id })
    pages.refresh()
  }
  return (
    <Section title={t('cash.tab.receipts')} flush side={<Button size="compact-sm" variant="default" onClick={pages.refresh}>{t('common.refresh')}</Button>}>
      <Group p="md"><Switch label={t('cash.onlyOpen')} checked={open} onChange={(event) => setOpen(event.currentTarget.checked)} /></Group>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <PagedTable
        caption={t('cash.tab.receipts')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t(open ? 'cash.noneWait' : 'cash.noReceipts')}>{t('cash.noReceiptsText')}</Empty>}
        columns={[
          { key: 'at', head: t('cash.created'), cell: (row) => <div><span className="tab">{format.dateTime(row.createdAt)}</span><Text size="xs" c="dimmed">{row.desk.code}</Text></div> },
          { key: 'kind', head: t('cash.operation'), cell: (row) => <div>{t(`enum.FiscalKind.${row.kind}`)}<Text size="xs" c="dimmed" className="tab">{row.externalNumber}</Text></div> },
          { key: 'state', head: t('common.state'), cell: (row) => <FiscalChip state={row.state} /> },
          { key: 'sign', head: t('cash.sign_'), cell: (row) => <div className="tab">{row.checkNumber ?? '—'}<Text size="xs" c="dimmed">{row.registered}</Text></div> },
          { key: 'error', head: t('cash.said'), cell: (row) => row.error ? <div><Text size="sm" c="var(--warn)">{row.errorCode ?? ''} {row.error}</Text><Text size="xs" c="dimmed">{t('cash.attempts', { count: row.attempts })}{row.nextAt ? ` · ${format.dateTime(row.nextAt)}` : ''}</Text></div> : '' },
          { key: 'act', head: '', cell: (row) => can('CASHDESK_OVERSEE') && (row.state === 'WAITING' || row.state === 'ASKING' || row.state === 'REFUSED') && <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void again(row.id)}>{t('cash.retry')}</Button> },
        ]}
      />
    </Section>
  )
}
